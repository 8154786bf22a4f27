// The Vercel AI SDK, by its OpenAI provider and by the one for compatible servers.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, Output, embedMany, generateText, isStepCount, streamText, tool } from 'ai';
import { z } from 'zod';
import { vector } from './endpoint.js';
import { base, begin, names, until } from './platform.js';

const openai = createOpenAI({ baseURL: base, apiKey: 'any' });
const compatible = createOpenAICompatible({
  name: 'tutti',
  baseURL: base,
  apiKey: 'any',
  includeUsage: true,
  supportsStructuredOutputs: true,
});
const providers = {
  openai: { chat: (name) => openai.chat(name), embedding: (name) => openai.embeddingModel(name) },
  compatible: { chat: (name) => compatible.chatModel(name), embedding: (name) => compatible.embeddingModel(name) },
};
const tools = {
  weather: tool({
    description: 'The weather in a city',
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => `21 degrees in ${city}`,
  }),
};

let platform;
before(async () => (platform = await begin()));
after(() => platform.end());

for (const [provider, { chat, embedding }] of Object.entries(providers)) {
  for (const name of [names.chat, names.route]) {
    describe(`${provider}: ${name}`, () => {
      const ask = (prompt) => ({ model: chat(name), prompt, maxRetries: 0 });

      it('answers', async () => {
        const { text, usage, finishReason } = await generateText(ask('Hello'));
        assert.equal(text, 'Hello from the endpoint');
        assert.equal(usage.totalTokens, 14);
        assert.equal(finishReason, 'stop');
      });

      it('streams', async () => {
        const answer = streamText(ask('please wait'));
        let text = '';
        for await (const piece of answer.textStream) text += piece;
        assert.equal(text, 'Hello from the endpoint');
        assert.equal((await answer.usage).totalTokens, 14);
      });

      it('calls tools in steps, streamed or not', async () => {
        const stepping = { ...ask('Weather?'), tools, stopWhen: isStepCount(3) };
        assert.match((await generateText(stepping)).text, /21 degrees in Ulm/);
        assert.match(await streamText(stepping).text, /21 degrees in Ulm/);
      });

      it('gives objects', async () => {
        const { output } = await generateText({
          ...ask('Weather in Ulm?'),
          output: Output.object({ schema: z.object({ city: z.string(), degrees: z.number() }) }),
        });
        assert.deepEqual(output, { city: 'Ulm', degrees: 21 });
      });

      it('meets errors', async () => {
        await assert.rejects(generateText(ask('please refuse')), (e) => {
          assert.ok(APICallError.isInstance(e));
          assert.equal(e.statusCode, 400);
          assert.match(e.message, /The schema is wrong\./);
          return true;
        });
        let seen;
        for await (const part of streamText({ ...ask('please break'), onError() {} }).fullStream)
          if (part.type === 'error') seen = part.error;
        assert.match(JSON.stringify(seen?.message ?? seen), /The GPU is gone\./);
      });

      it('stops when it is aborted', async () => {
        const before = platform.left();
        const controller = new AbortController();
        const answer = streamText({ ...ask('please go on'), abortSignal: controller.signal });
        for await (const piece of answer.textStream) if (piece.startsWith('3')) controller.abort();
        await until(() => platform.left() > before, 'the endpoint is left');
      });
    });
  }

  describe(`${provider}: ensembles and embeddings`, () => {
    for (const name of ['adders-gac', 'adders-vote', 'adders-cascade'])
      it(`${name} answers and streams`, async () => {
        const sum = { model: chat(name), prompt: '618+467=', temperature: 0, maxRetries: 0 };
        assert.match((await generateText(sum)).text, /^\d+$/);
        assert.match(await streamText(sum).text, /^\d+$/);
      });

    it('embeds, whatever the endpoint can', async () => {
      const values = ['one', 'three more'];
      for (const name of [names.chat, names.floats]) {
        const { embeddings } = await embedMany({ model: embedding(name), values });
        assert.deepEqual(embeddings.map((e) => Array.from(e, Math.fround)), values.map(vector));
      }
      const { embeddings } = await embedMany({ model: embedding('all-minilm-l6-v2'), values });
      assert.deepEqual(embeddings.map((e) => e.length), [384, 384]);
    });

    it('tells when to come again', async () => {
      await assert.rejects(generateText({ model: chat(names.busy), prompt: 'please limit', maxRetries: 0 }), (e) => {
        assert.equal(e.statusCode, 429);
        assert.ok(e.isRetryable);
        assert.ok(e.responseHeaders['retry-after'] > 0);
        return true;
      });
    });

    it('does not know what is not there', async () => {
      await assert.rejects(generateText({ model: chat('no/such:model'), prompt: 'Hello', maxRetries: 0 }), (e) => {
        assert.equal(e.statusCode, 404);
        return true;
      });
    });
  });
}
