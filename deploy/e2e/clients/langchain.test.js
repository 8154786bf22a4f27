// LangChain's ChatOpenAI and OpenAIEmbeddings.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { HumanMessage, SystemMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { z } from 'zod';
import { vector } from './endpoint.js';
import { base, begin, names, until } from './platform.js';

const shared = { apiKey: 'any', configuration: { baseURL: base }, maxRetries: 0 };
const chat = (model, more = {}) => new ChatOpenAI({ model, ...shared, ...more });
const weather = tool(({ city }) => `21 degrees in ${city}`, {
  name: 'weather',
  description: 'The weather in a city',
  schema: z.object({ city: z.string() }),
});

let platform;
before(async () => (platform = await begin()));
after(() => platform.end());

for (const model of [names.chat, names.route]) {
  describe(`chat: ${model}`, () => {
    it('answers', async () => {
      const answer = await chat(model).invoke([new SystemMessage('Be brief.'), new HumanMessage('Hello')]);
      assert.equal(answer.content, 'Hello from the endpoint');
      assert.equal(answer.usage_metadata.total_tokens, 14);
    });

    it('streams, with usage', async () => {
      let all;
      for await (const chunk of await chat(model).stream('please wait')) all = all ? all.concat(chunk) : chunk;
      assert.equal(all.content, 'Hello from the endpoint');
      assert.equal(all.usage_metadata.total_tokens, 14);
    });

    it('calls tools', async () => {
      const bound = chat(model).bindTools([weather]);
      const asked = new HumanMessage('Weather?');
      const calls = await bound.invoke([asked]);
      assert.deepEqual(calls.tool_calls.map((c) => c.args), [{ city: 'Ulm' }]);
      const result = await weather.invoke(calls.tool_calls[0]);
      assert.equal((await bound.invoke([asked, calls, result])).content, 'The tool says: 21 degrees in Ulm');
    });

    it('gives structured output', async () => {
      const schema = z.object({ city: z.string(), degrees: z.number() });
      const structured = chat(model).withStructuredOutput(schema, { name: 'weather', method: 'jsonSchema' });
      assert.deepEqual(await structured.invoke('Weather in Ulm?'), { city: 'Ulm', degrees: 21 });
    });

    it('answers several choices and batches', async () => {
      const { generations } = await chat(model, { n: 2 }).generate([[new HumanMessage('Hello')]]);
      assert.equal(generations[0].length, 2);
      const answers = await chat(model).batch(['Hello', 'Hello', 'Hello']);
      assert.deepEqual(answers.map((a) => a.content), Array(3).fill('Hello from the endpoint'));
    });

    it('meets errors', async () => {
      await assert.rejects(chat(model).invoke('please refuse'), /The schema is wrong\./);
      await assert.rejects(async () => {
        for await (const chunk of await chat(model).stream('please break')) assert.ok(chunk);
      }, /The GPU is gone\./);
    });

    it('stops when it is aborted', async () => {
      const before = platform.left();
      const controller = new AbortController();
      await assert.rejects(async () => {
        for await (const chunk of await chat(model).stream('please go on', { signal: controller.signal }))
          if (chunk.content.startsWith('3')) controller.abort();
      });
      await until(() => platform.left() > before, 'the endpoint is left');
    });
  });
}

describe('ensembles and embeddings', () => {
  for (const model of ['adders-gac', 'adders-vote', 'adders-cascade'])
    it(`${model} answers and streams`, async () => {
      const adder = chat(model, { temperature: 0 });
      assert.match((await adder.invoke('618+467=')).content, /^\d+$/);
      let text = '';
      for await (const chunk of await adder.stream('618+467=')) text += chunk.content;
      assert.match(text, /^\d+$/);
    });

  it('embeds, whatever the endpoint can', async () => {
    const texts = ['one', 'three more'];
    for (const model of [names.chat, names.floats]) {
      const vectors = await new OpenAIEmbeddings({ model, ...shared }).embedDocuments(texts);
      assert.deepEqual(vectors.map((v) => Array.from(v, Math.fround)), texts.map(vector));
    }
    const built = new OpenAIEmbeddings({ model: 'all-minilm-l6-v2', ...shared });
    assert.equal((await built.embedQuery('one')).length, 384);
  });

  it('tells when to come again', async () => {
    await assert.rejects(chat(names.busy).invoke('please limit'), (e) => e.status === 429 && e.headers.get('retry-after') > 0);
  });

  it('does not know what is not there', async () => {
    await assert.rejects(chat('no/such:model').invoke('Hello'), (e) => e.status === 404);
  });
});
