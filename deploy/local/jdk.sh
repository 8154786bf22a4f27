# Sourced: sets JAVA_HOME to a JDK 25 or newer, or says how to get one and exits with 1.
# Looks at JAVA_HOME, then at java on the PATH, then in the usual folders.

TUTTI_JDK=25

# The major version of the JDK in folder $1; nothing where there is no JDK.
jdk_major() {
  [ -x "$1/bin/javac" ] || return 0
  "$1/bin/javac" -version 2>&1 | sed -n 's/^javac \([0-9][0-9]*\).*/\1/p'
}

find_jdk() {
  local candidates=() candidate major path_java
  [ -n "${JAVA_HOME:-}" ] && candidates+=("$JAVA_HOME")
  if path_java=$(command -v javac 2>/dev/null); then
    path_java=$(readlink -f "$path_java" 2>/dev/null || echo "$path_java")
    candidates+=("$(dirname "$(dirname "$path_java")")")
  fi
  for candidate in /usr/lib/jvm/* /opt/java/* /opt/jdk* /usr/java/* "$HOME"/.sdkman/candidates/java/* \
    "$HOME"/.jdks/* "$HOME"/.local/share/mise/installs/java/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ -d "$candidate" ] && candidates+=("$candidate")
  done
  for candidate in "${candidates[@]}"; do
    major=$(jdk_major "$candidate")
    if [ -n "$major" ] && [ "$major" -ge "$TUTTI_JDK" ]; then
      JAVA_HOME=$candidate
      export JAVA_HOME
      return 0
    fi
  done
  cat >&2 <<EOF
Tutti needs a JDK $TUTTI_JDK (the whole JDK: javac too) and found none in JAVA_HOME (${JAVA_HOME:-not set}),
on the PATH, or in the usual folders. Install one, for example
  - Debian, Ubuntu: the package temurin-25-jdk of Eclipse Adoptium, or openjdk-25-jdk
  - any system:     sdk install java 25-tem      (SDKMAN!)
or point JAVA_HOME at the one you have.
EOF
  return 1
}

find_jdk || exit 1
