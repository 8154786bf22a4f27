# Sourced by up, down and status: names, ports and processes.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
TUTTI_HOME=${TUTTI_HOME:-$ROOT/.tutti}
# Relative to where the caller stands, in every script.
case $TUTTI_HOME in /*) ;; *) TUTTI_HOME=$PWD/$TUTTI_HOME ;; esac
RUN=$TUTTI_HOME/run
LOGS=$TUTTI_HOME/logs
# REST ports are TUTTI_PORT + the place in this list; gRPC ports 1000 above, those of health and metrics 2000.
SERVICES=(router decoder fusion cascade registry)
# Those among them that hold models; with TUTTI_DECODERS above 1 decoder-2 and so on stand behind the others in the list above.
DECODERS=(decoder)
# What `up` starts, by module.
BUILT=(deploy/local/postgres registry-service decoder-service router-service fusion-service cascade-service)

port_of() {
  local i
  for i in "${!SERVICES[@]}"; do
    [ "${SERVICES[$i]}" = "$1" ] && echo $((TUTTI_PORT + i)) && return
  done
  [ "$1" = postgres ] && echo "$POSTGRES_PORT"
}

say() { printf '%s\n' "$*"; }

# When process $1 started, in clock ticks since boot; fails where it does not run (a zombie does not). With it, a number that was
# given to another process since is told apart.
started_at() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  # The name, in parentheses, may hold anything.
  read -ra stat <<<"${stat##*) }"
  [ "${stat[0]}" != Z ] && echo "${stat[19]}"
}

# Remembers process $2 as $1.
remember() { printf '%s\n%s\n' "$2" "$(started_at "$2")" >"$RUN/$1.pid"; }

# Prints the number of the process remembered as $1 while it runs.
pid_of() {
  local file=$RUN/$1.pid pid since
  [ -f "$file" ] || return 1
  { read -r pid && read -r since; } <"$file" || return 1
  [ -n "$since" ] && [ "$(started_at "$pid")" = "$since" ] || return 1
  echo "$pid"
}

# Whether any part runs.
anything_runs() {
  local part
  for part in postgres "${SERVICES[@]}" decoder-{2..9}; do
    pid_of "$part" >/dev/null && return
  done
  return 1
}

# Prints $1, how many decoders were started together, while any of them runs.
decoders_while_they_run() {
  local part
  for part in decoder decoder-{2..9}; do
    pid_of "$part" >/dev/null && echo "$1" && return
  done
}

# Sets $1 to what runs ($2, empty where nothing does), else to what the caller asks for, else to the default $3. What the caller
# asks for in vain is noted in CONFLICT.
CONFLICT=""
settle() {
  local asked=${!1:-}
  [ -n "$2" ] && [ -n "$asked" ] && [ "$asked" != "$2" ] && CONFLICT="$1=$asked, but what runs has $1=$2"
  printf -v "$1" '%s' "${2:-${asked:-$3}}"
}

# Where things listen, and how long they take to stop: what runs counts, for it was started with another environment perhaps.
settle_places() {
  local key value i
  local -A running=()
  if [ -f "$RUN/places" ] && anything_runs; then
    while IFS='=' read -r key value; do running[$key]=$value; done <"$RUN/places"
  fi
  settle TUTTI_HOST "${running[TUTTI_HOST]:-}" 127.0.0.1
  settle TUTTI_MANAGEMENT_HOST "${running[TUTTI_MANAGEMENT_HOST]:-}" 127.0.0.1
  settle TUTTI_PORT "${running[TUTTI_PORT]:-}" 8080
  case $TUTTI_PORT in
  *[!0-9]*) echo "TUTTI_PORT is '$TUTTI_PORT'; it takes a number from 1024 to 63000." >&2; exit 2 ;;
  esac
  if [ "$TUTTI_PORT" -lt 1024 ] || [ "$TUTTI_PORT" -gt 63000 ]; then
    echo "TUTTI_PORT is $TUTTI_PORT; it takes a number from 1024 to 63000." >&2
    exit 2
  fi
  settle TUTTI_DECODERS "$(decoders_while_they_run "${running[TUTTI_DECODERS]:-}")" 1
  case $TUTTI_DECODERS in
  [1-9]) ;;
  *) echo "TUTTI_DECODERS is '$TUTTI_DECODERS'; it takes a number from 1 to 9." >&2; exit 2 ;;
  esac
  for ((i = 2; i <= TUTTI_DECODERS; i++)); do DECODERS+=("decoder-$i"); done
  SERVICES+=("${DECODERS[@]:1}")
  # Who asks stops before whom it asks, so that every live answer can end.
  STOPS=(router "fusion cascade" "${DECODERS[*]}" registry)
  settle TUTTI_POSTGRES_PORT "${running[TUTTI_POSTGRES_PORT]:-}" $((TUTTI_PORT + 352))
  POSTGRES_PORT=$TUTTI_POSTGRES_PORT
  settle TUTTI_SHUTDOWN_TIMEOUT "${running[TUTTI_SHUTDOWN_TIMEOUT]:-}" 30s
  if [[ ! $TUTTI_SHUTDOWN_TIMEOUT =~ ^[0-9]{1,5}s?$ ]]; then
    echo "TUTTI_SHUTDOWN_TIMEOUT is '$TUTTI_SHUTDOWN_TIMEOUT'; it takes seconds, e.g. 30s." >&2
    exit 2
  fi
  # Beyond its live answers a service has its last writes to make.
  STOP_SECONDS=$((10#${TUTTI_SHUTDOWN_TIMEOUT%s} + 15))
  # What the services call each other by.
  PEER=$(reached_at "$TUTTI_HOST")
  MANAGEMENT=$(reached_at "$TUTTI_MANAGEMENT_HOST")
}

# Where this machine reaches what listens at address $1.
reached_at() {
  case $1 in
  0.0.0.0 | '::' | '[::]') echo 127.0.0.1 ;;
  *) echo "$1" ;;
  esac
}

# So that a later up, down or status finds what runs whatever its environment says.
remember_places() {
  printf '%s=%s\n' TUTTI_HOST "$TUTTI_HOST" TUTTI_MANAGEMENT_HOST "$TUTTI_MANAGEMENT_HOST" TUTTI_PORT "$TUTTI_PORT" TUTTI_DECODERS "$TUTTI_DECODERS" TUTTI_POSTGRES_PORT "$POSTGRES_PORT" \
    TUTTI_SHUTDOWN_TIMEOUT "$TUTTI_SHUTDOWN_TIMEOUT" >"$RUN/places"
}

# Asks a service of this machine; never through a proxy.
ask() { curl --noproxy '*' "$@"; }

# The same as an administrator. The key is in no list of processes.
ask_as_admin() {
  local key
  if [ -f "$TUTTI_HOME/admin.key" ] && read -r key <"$TUTTI_HOME/admin.key"; then
    ask -H @<(printf 'Authorization: Bearer %s\n' "$key") "$@"
  else
    ask "$@"
  fi
}

listens() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }

# Whether PostgreSQL answers within 3 s: one that hangs still takes connections, so it is asked something (an SSLRequest).
postgres_answers() {
  (
    exec 3<>"/dev/tcp/127.0.0.1/$POSTGRES_PORT" && printf '\0\0\0\010\004\322\026\057' >&3 &&
      read -r -t 3 -n 1 answer <&3 && [[ $answer == [NS] ]]
  ) 2>/dev/null
}

# Notes that modules $2... were built from what was there when file $1 was touched.
mark_built() {
  local module
  for module in "${@:2}"; do touch -r "$1" "$module/target/.built"; done
}

# Stops the process remembered as $1: asks, waits up to $2 seconds, then makes it.
stop() {
  local pid i
  if pid=$(pid_of "$1"); then
    kill "$pid" 2>/dev/null
    for ((i = 0; i < $2 * 10; i++)); do
      pid_of "$1" >/dev/null || break
      sleep 0.1
    done
    if pid_of "$1" >/dev/null; then
      say "  $1 does not stop by itself; ended"
      kill -9 "$pid" 2>/dev/null
    fi
    say "  $1 stopped"
  fi
  rm -f "$RUN/$1.pid"
}

# Prints the number of a PostgreSQL server on our data; fails where none runs.
postgres_server() {
  local file=$TUTTI_HOME/postgres/data/postmaster.pid pid
  [ -f "$file" ] && read -r pid <"$file" || return 1
  case "$(ps -o args= -p "$pid" 2>/dev/null)" in
  *"$TUTTI_HOME/postgres/data"*) echo "$pid" ;;
  *) return 1 ;;
  esac
}

# Stops a PostgreSQL of ours whose keeper was killed.
stop_orphaned_postgres() {
  local pid i
  pid=$(postgres_server) || return 0
  kill -INT "$pid" 2>/dev/null
  for ((i = 0; i < 100; i++)); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.1
  done
  say "  PostgreSQL does not stop by itself; ended"
  kill -9 "$pid" 2>/dev/null
}

# Stops these services, in the order in which all of them stop.
stop_services() {
  local together service stops
  for together in "${STOPS[@]}"; do
    stops=()
    for service in $together; do
      case " $* " in *" $service "*) ;; *) continue ;; esac
      stop "$service" "$STOP_SECONDS" &
      stops+=($!)
    done
    # Not a bare wait: PostgreSQL may be a child of this shell too.
    [ ${#stops[@]} -eq 0 ] || wait "${stops[@]}"
  done
}

stop_all() {
  stop_services "${SERVICES[@]}"
  stop postgres 20
  stop_orphaned_postgres
  rm -f "$RUN/postgres.external" "$RUN/places"
}

settle_places
