// What all tests here share: a running Tutti (TUTTI_PORT), two endpoints registered with it, and how to wait.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Endpoint } from './endpoint.js';

const port = Number(process.env.TUTTI_PORT ?? 8080);
export const base = `http://127.0.0.1:${port}/v1`;
const registry = `http://127.0.0.1:${port + 4}/api/v1`;

/** Waits until a condition holds, a minute at most. */
export async function until(condition, what) {
  for (let i = 0; i < 600; i++) {
    if (await condition()) return;
    await pause(100);
  }
  assert.fail(`A minute passed: ${what}`);
}

/** Names of this run's own, so that a second run meets nothing of the first. */
const run = `${Date.now().toString(36)}-${process.pid}`;
export const names = {
  chat: `clients/Scripted-7B:${run}`,
  floats: `clients/Floats:${run}`,
  busy: `clients/busy:${run}`,
  route: `clients/route:${run}`,
  vote: `clients/vote:${run}`,
  alias: `clients-alias-${run}`,
};

/**
 * Starts the endpoints, registers them and, over two, a routing ensemble and a vote, and waits until they are served. The busy one is a
 * third: whoever says 429 is left alone for a while, and would not be there for the other tests.
 */
export async function begin() {
  const chat = new Endpoint();
  const floats = new Endpoint({ floatsOnly: true });
  const busy = new Endpoint();
  for (const [name, endpoint] of [[names.chat, chat], [names.floats, floats], [names.busy, busy]]) {
    await register('models', {
      name,
      aliases: name === names.chat ? [names.alias] : [],
      runtime: 'openai',
      lifecycle: 'active',
      endpoints: [await endpoint.start()],
      remote_model: 'scripted',
      usd_per_million_prompt_tokens: 0.15,
      usd_per_million_completion_tokens: 0.6,
    });
  }
  for (const [name, method] of [[names.route, 'blending'], [names.vote, 'majority-vote']]) {
    await register('ensembles', {
      name,
      method,
      lifecycle: 'active',
      members: [{ model: names.chat }, { model: names.floats }],
    });
  }
  for (const name of Object.values(names))
    await until(async () => (await fetch(`${base}/models/${name}`)).ok, `${name} is served`);
  return {
    /** Calls of both endpoints whose callers left. */
    left: () => chat.left + floats.left,
    end() {
      chat.stop();
      floats.stop();
      busy.stop();
    },
  };
}

async function register(kind, entry) {
  const answer = await fetch(`${registry}/${kind}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(entry),
  });
  assert.equal(answer.status, 201, await answer.text());
}
