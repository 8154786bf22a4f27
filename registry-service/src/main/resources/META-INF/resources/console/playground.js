// The playground: a column for each who is asked, filled while the answer comes. Its stream ends with its Stop, with the next question, and
// where the page goes. Whatever was answered is put in as text, never as HTML.
(() => {
  'use strict';

  const running = new Map();
  const unwritten = new WeakMap();
  const thoughts = new WeakMap();

  const part = (column, name) => column.querySelector('.' + name);
  const clone = id => document.getElementById(id).content.firstElementChild.cloneNode(true);
  const percent = share => (100 * share).toFixed(share > 0 && share < 0.01 ? 2 : 0) + ' %';

  function element(tag, text, className) {
    const made = document.createElement(tag);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  function say(column, text) {
    const now = part(column, 'now');
    if (now.textContent !== text) now.textContent = text;
  }

  function ask(form) {
    const note = document.getElementById('note');
    const names = [...form.querySelectorAll('input[name="name"]:checked')].map(box => box.value);
    const most = Number(form.dataset.most);
    note.textContent =
        names.length === 0 ? 'Nobody is chosen who could be asked.'
        : names.length > most ? `${names.length} are chosen; at most ${most} are asked at once.`
        : form.elements.prompt.value.trim() === '' ? 'There is no question.'
        : '';
    if (note.textContent) return;
    stopAll();
    const answers = document.getElementById('answers');
    answers.replaceChildren();
    for (const name of names) {
      const fields = new URLSearchParams(new FormData(form));
      fields.delete('find');
      fields.set('name', name);
      const column = clone('column');
      column.setAttribute('aria-label', name);
      column.querySelector('h2').textContent = name;
      part(column, 'said').setAttribute('aria-label', 'Answer of ' + name);
      part(column, 'stop').setAttribute('aria-label', 'Stop ' + name);
      answers.append(column);
      run(column, fields);
    }
  }

  async function run(column, fields) {
    const stop = new AbortController();
    running.set(column, stop);
    unwritten.set(column, {text: '', tokens: []});
    column.setAttribute('aria-busy', 'true');
    part(column, 'stop').hidden = false;
    showStopAll();
    say(column, 'It is asked.');
    try {
      const response = await fetch('/console/playground/~answer',
          {method: 'POST', body: fields, headers: {Accept: 'text/event-stream'}, signal: stop.signal});
      if (!(response.headers.get('Content-Type') || '').startsWith('text/event-stream')) {
        refuse(column, refusal(parsed(await response.text())));
        return;
      }
      let ended = false;
      for await (const [name, data] of events(response.body)) {
        ended = ended || name === 'end';
        take(column, name, data);
      }
      if (!ended) {
        refuse(column, {title: 'The answer broke off', detail: 'What was written until then is paid.'});
      }
    } catch (fault) {
      if (stop.signal.aborted) {
        say(column, 'It was stopped. What was written until then is paid.');
      } else {
        refuse(column, {title: 'The registry cannot be reached', detail: String(fault.message)});
      }
    } finally {
      running.delete(column);
      column.setAttribute('aria-busy', 'false');
      part(column, 'stop').hidden = true;
      showStopAll();
    }
  }

  async function* events(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const {value, done} = await reader.read();
      if (done) return;
      rest += value;
      const whole = rest.split('\n\n');
      rest = whole.pop();
      for (const event of whole) {
        const [name, data] = event.split('\n');
        yield [name.slice('event: '.length), JSON.parse(data.slice('data: '.length))];
      }
    }
  }

  function take(column, name, data) {
    if (name === 'call') {
      const call = part(column, 'call');
      call.hidden = false;
      part(call, 'help').textContent = data.title;
      call.querySelector('code').textContent = data.line;
    } else if (name === 'step') {
      const steps = part(column, 'steps');
      steps.hidden = false;
      steps.querySelector('ol').append(element('li',
          data.stage + (data.member ? ' ' + data.member : '') + (data.message ? ': ' + data.message : '')));
    } else if (name === 'delta') {
      say(column, 'It is writing.');
      write(column, data);
    } else if (name === 'end') {
      end(column, data);
    }
  }

  // A token may end in the middle of a character, or wait for what follows: the text is told by itself, and tokens are laid over it.
  function write(column, delta) {
    const said = part(column, 'said');
    const waits = unwritten.get(column);
    waits.text += delta.text;
    waits.tokens.push(...delta.tokens);
    while (waits.text) {
      const next = waits.tokens[0];
      if (!next) {
        said.append(waits.text);
        waits.text = '';
      } else if (next.text === '') {
        waits.tokens.shift();
      } else if (waits.text.startsWith(next.text)) {
        said.append(token(said, next.text, [waits.tokens.shift()]));
        waits.text = waits.text.slice(next.text.length);
      } else if (next.text.startsWith(waits.text)) {
        return;
      } else {
        said.append(token(said, waits.text, waits.tokens));
        waits.text = '';
        waits.tokens = [];
      }
    }
  }

  function token(said, text, its) {
    const span = element('span', text, 'token');
    // One stop of the tabulator for all; the arrows go from there.
    span.tabIndex = said.querySelector('.token') ? -1 : 0;
    if (its.some(one => one.members.some(member => !member.favourite))) span.classList.add('split');
    thoughts.set(span, its);
    return span;
  }

  const wanted = member =>
    member.wanted === null ? 'something else' : member.wanted === '' ? 'to end' : JSON.stringify(member.wanted);

  function show(span) {
    const opinions = part(span.closest('.column'), 'opinions');
    opinions.hidden = false;
    opinions.replaceChildren(...thoughts.get(span).flatMap(its => {
      const head = element('p', '');
      head.append(element('code', JSON.stringify(its.text)), ' ' + percent(its.probability));
      const made = [head];
      if (its.members.length > 0) {
        const list = element('ul', '');
        for (const member of its.members) {
          list.append(element('li', member.member + ': '
              + (member.probability === null ? 'gave it nothing' : percent(member.probability))
              + (member.favourite ? ', its own choice' : ', wanted ' + wanted(member))
              + ', weight ' + percent(member.weight)
              + (member.reward === null ? '' : ', worth ' + member.reward.toFixed(2))));
        }
        made.push(list);
      }
      const others = its.others.filter(other => other.text !== its.text);
      if (others.length > 0) {
        const line = element('p', 'Else: ', 'help');
        others.forEach((other, i) =>
          line.append(i > 0 ? ', ' : '', element('code', JSON.stringify(other.text)), ' ' + percent(other.probability)));
        made.push(line);
      }
      return made;
    }));
  }

  function end(column, ending) {
    const said = part(column, 'said');
    said.append(unwritten.get(column).text);
    if (said.querySelector('.token')) {
      said.setAttribute('aria-label', said.getAttribute('aria-label') + ', token by token with the arrow keys');
    }
    part(column, 'why').textContent = ending.explanation;
    part(column, 'facts').replaceChildren(
        ...ending.facts.flatMap(fact => [element('dt', fact.name), element('dd', fact.value)]));
    if (ending.decision) {
      const link = part(column, 'decision');
      link.href = ending.decision;
      link.hidden = false;
    }
    if (ending.rating) {
      const thumbs = clone('thumbs');
      for (const field of ['decision', 'key', 'change']) thumbs.elements[field].value = ending.rating[field];
      for (const member of ending.rating.members) {
        const field = element('input', '');
        Object.assign(field, {type: 'hidden', name: 'member', value: member});
        thumbs.append(field);
      }
      part(column, 'thumbs').replaceWith(thumbs);
    }
    if (ending.problem) {
      refuse(column, ending.problem);
    } else {
      say(column, 'It has ended.');
    }
  }

  function refuse(column, problem) {
    const refused = part(column, 'refusal');
    refused.hidden = false;
    refused.replaceChildren(element('h3', problem.title), element('p', problem.detail));
    if (problem.trace_id) {
      const more = `Status ${problem.status}${problem.reason ? ', ' + problem.reason : ''}, trace ${problem.trace_id}`;
      refused.append(element('p', more, 'quiet'));
    }
    say(column, 'It ended too early.');
  }

  const parsed = page => new DOMParser().parseFromString(page, 'text/html');

  // What a page tells that is none of ours is a sign-in, as a rule.
  function refusal(page) {
    const told = page.getElementById('refusal');
    return told
        ? {title: told.querySelector('h2').textContent, detail: told.querySelector('p').textContent}
        : {title: 'It was not asked', detail: 'Load the page again, and sign in where that is asked for.'};
  }

  async function rate(form, button) {
    if (!button || button.getAttribute('aria-pressed') === 'true') return;
    const told = part(form.closest('.column') || document, 'kept');
    const fields = new URLSearchParams(new FormData(form));
    fields.set('thumb', button.value);
    try {
      const page = parsed(await (await fetch(form.getAttribute('action'), {method: 'POST', body: fields})).text());
      const kept = page.getElementById('kept');
      if (kept) {
        form.elements.change.value = Number(form.elements.change.value) + 1;
        for (const each of form.querySelectorAll('button')) each.setAttribute('aria-pressed', each === button);
      }
      told.textContent = kept ? kept.textContent : 'It was not kept. ' + refusal(page).detail;
    } catch (fault) {
      told.textContent = 'It was not kept: the registry cannot be reached.';
    }
  }

  function stopAll() {
    for (const stop of running.values()) stop.abort();
  }

  function showStopAll() {
    const button = document.getElementById('stop-all');
    if (button) button.hidden = running.size === 0;
  }

  document.addEventListener('submit', event => {
    const form = event.target;
    if (form.id === 'playground') {
      event.preventDefault();
      if (event.submitter && event.submitter.value === 'ask') ask(form);
    } else if (form.matches('.column .thumbs')) {
      event.preventDefault();
      rate(form, event.submitter);
    }
  });

  document.addEventListener('click', event => {
    if (event.target.id === 'stop-all') {
      stopAll();
    } else if (event.target.matches('.column .stop')) {
      running.get(event.target.closest('.column'))?.abort();
    }
  });

  for (const way of ['mouseover', 'focusin']) {
    document.addEventListener(way, event => {
      if (thoughts.has(event.target)) show(event.target);
    });
  }

  document.addEventListener('keydown', event => {
    const at = event.target;
    if (at.id === 'field-prompt' && event.key === 'Enter' && event.ctrlKey) {
      at.form.requestSubmit(at.form.querySelector('button.main'));
    } else if (thoughts.has(at)) {
      const all = [...at.closest('.said').querySelectorAll('.token')];
      const to = {
        ArrowRight: all[all.indexOf(at) + 1], ArrowLeft: all[all.indexOf(at) - 1], Home: all[0], End: all.at(-1),
      }[event.key];
      if (to) {
        event.preventDefault();
        at.tabIndex = -1;
        to.tabIndex = 0;
        to.focus();
      }
    }
  });

  // Another page in the place of this one.
  document.addEventListener('htmx:afterSwap', () => {
    for (const [column, stop] of running) if (!column.isConnected) stop.abort();
  });
  window.addEventListener('pagehide', stopAll);
})();
