// openai-node, as its users write it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { vector } from './endpoint.js';
import { base, begin, names, until } from './platform.js';

const client = new OpenAI({ baseURL: base, apiKey: 'any', maxRetries: 0 });
const ask = (content, model = names.chat) => ({ model, messages: [{ role: 'user', content }] });
const sum = (model) => ({ ...ask('618+467=', model), temperature: 0 });
const Weather = z.object({ city: z.string(), degrees: z.number() });

const tool = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'The weather in a city',
    parse: JSON.parse,
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    function: ({ city }) => `21 degrees in ${city}`,
  },
};

let platform;
before(async () => (platform = await begin()));
after(() => platform.end());

for (const model of [names.chat, names.alias, names.route]) {
  describe(`chat: ${model}`, () => {
    it('answers', async () => {
      const { data, response, request_id } = await client.chat.completions.create(ask('Hello', model)).withResponse();
      assert.equal(data.choices[0].message.content, 'Hello from the endpoint');
      assert.equal(data.usage.total_tokens, 14);
      assert.ok(request_id);
      assert.ok(response.headers.get('x-tutti-member'));
    });

    it('streams, with its usage where asked', async () => {
      const stream = await client.chat.completions.create({
        ...ask('Hello', model),
        stream: true,
        stream_options: { include_usage: true },
      });
      let text = '';
      let usage;
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta.content ?? '';
        usage = chunk.usage ?? usage;
      }
      assert.equal(text, 'Hello from the endpoint');
      assert.equal(usage.total_tokens, 14);
    });

    it('waits out comments', async () => {
      assert.equal(await client.chat.completions.stream(ask('please wait', model)).finalContent(), 'Hello from the endpoint');
    });

    it('runs tools', async () => {
      const runner = client.chat.completions.runTools({ ...ask('Weather?', model), tools: [tool] });
      assert.equal(await runner.finalContent(), 'The tool says: 21 degrees in Ulm');
      const streamed = client.chat.completions.runTools({ ...ask('Weather?', model), tools: [tool], stream: true });
      assert.equal(await streamed.finalContent(), 'The tool says: 21 degrees in Ulm');
    });

    it('parses by a schema', async () => {
      const format = { ...ask('Weather in Ulm?', model), response_format: zodResponseFormat(Weather, 'weather') };
      const whole = await client.chat.completions.parse(format);
      assert.deepEqual(whole.choices[0].message.parsed, { city: 'Ulm', degrees: 21 });
      const streamed = await client.chat.completions.stream(format).finalChatCompletion();
      assert.deepEqual(streamed.choices[0].message.parsed, { city: 'Ulm', degrees: 21 });
    });

    it('gives as many choices as asked for', async () => {
      const whole = await client.chat.completions.create({ ...ask('Hello', model), n: 3 });
      assert.deepEqual(whole.choices.map((c) => c.index), [0, 1, 2]);
      const streamed = await client.chat.completions.stream({ ...ask('Hello', model), n: 2 }).finalChatCompletion();
      assert.deepEqual(streamed.choices.map((c) => c.message.content), Array(2).fill('Hello from the endpoint'));
    });

    it('tells the endpoint\'s refusal', async () => {
      await assert.rejects(client.chat.completions.create(ask('please refuse', model)), (e) => {
        assert.ok(e instanceof OpenAI.BadRequestError);
        assert.match(e.message, /The schema is wrong\./);
        assert.equal(e.code, 'invalid_schema');
        return true;
      });
    });

    it('tells what broke a stream', async () => {
      let text = '';
      await assert.rejects(async () => {
        for await (const chunk of await client.chat.completions.create({ ...ask('please break', model), stream: true }))
          text += chunk.choices[0]?.delta.content ?? '';
      }, /The GPU is gone\./);
      assert.equal(text, 'Half an');
    });

    it('leaves the endpoint when its caller leaves', async () => {
      const before = platform.left();
      const controller = new AbortController();
      const stream = await client.chat.completions.create(
        { ...ask('please go on', model), stream: true },
        { signal: controller.signal },
      );
      for await (const chunk of stream) if (chunk.choices[0]?.delta.content?.startsWith('3')) controller.abort();
      await until(() => platform.left() > before, 'the endpoint is left');
    });
  });
}

describe('a vote, whose members get what Tutti does not interpret', () => {
  it('runs tools', async () => {
    const asked = { ...ask('Weather?', names.vote), tools: [tool] };
    const runner = client.chat.completions.runTools(asked);
    assert.equal(await runner.finalContent(), 'The tool says: 21 degrees in Ulm');
    const streamed = client.chat.completions.runTools({ ...asked, stream: true });
    assert.equal(await streamed.finalContent(), 'The tool says: 21 degrees in Ulm');
  });

  it('parses by a schema', async () => {
    const format = { ...ask('Weather in Ulm?', names.vote), response_format: zodResponseFormat(Weather, 'weather') };
    const whole = await client.chat.completions.parse(format);
    assert.deepEqual(whole.choices[0].message.parsed, { city: 'Ulm', degrees: 21 });
  });

  it('gives several choices', async () => {
    const whole = await client.chat.completions.create({ ...ask('Weather?', names.vote), tools: [tool], n: 2 });
    assert.deepEqual(whole.choices.map((c) => c.message.tool_calls[0].function.arguments), Array(2).fill('{"city":"Ulm"}'));
  });
});

for (const model of ['adders-gac', 'adders-vote', 'adders-cascade', 'adders-blend', 'adder-strong']) {
  describe(`ensemble: ${model}`, () => {
    it('answers, streams and repeats', async () => {
      const whole = await client.chat.completions.create(sum(model));
      assert.match(whole.choices[0].message.content, /^\d+$/);
      const streamed = await client.chat.completions.stream(sum(model)).finalContent();
      assert.match(streamed, /^\d+$/);
      const several = await client.chat.completions.create({ ...sum(model), temperature: 1, n: 4, seed: 7 });
      assert.deepEqual(several.choices.map((c) => c.index), [0, 1, 2, 3]);
    });

    it('takes what changes nothing', async () => {
      const answer = await client.chat.completions.create({
        ...sum(model),
        messages: [{ role: 'user', name: 'ada', content: '618+467=' }],
        metadata: { team: 'a' },
        store: false,
        user: 'u',
        safety_identifier: 's',
        prompt_cache_key: 'k',
        service_tier: 'auto',
      });
      assert.ok(answer.choices[0].message.content);
    });

    it('refuses what it cannot serve, or drops it where asked', async () => {
      const format = { ...sum(model), response_format: zodResponseFormat(Weather, 'weather') };
      await assert.rejects(client.chat.completions.create(format), (e) => {
        assert.equal(e.status, 400);
        assert.equal(e.param, 'response_format');
        return true;
      });
      const { response } = await client.chat.completions
        .create(format, { headers: { 'x-tutti-unserved': 'drop' } })
        .withResponse();
      assert.equal(response.headers.get('x-tutti-dropped'), 'response_format');
    });
  });
}

describe('embeddings', () => {
  for (const model of [names.chat, names.floats]) {
    it(`are what was asked, also of ${model}`, async () => {
      const input = ['one', 'three more'];
      const expected = input.map(vector);
      // Without a format the client asks for base64 and decodes it.
      const asked = await client.embeddings.create({ model, input });
      assert.deepEqual(asked.data.map((d) => Array.from(d.embedding, Math.fround)), expected);
      const floats = await client.embeddings.create({ model, input, encoding_format: 'float' });
      assert.deepEqual(floats.data.map((d) => d.embedding.map(Math.fround)), expected);
      const text = await client.embeddings.create({ model, input, encoding_format: 'base64' });
      assert.equal(typeof text.data[0].embedding, 'string');
    });
  }

  it('of the built-in model are the same in both formats', async () => {
    const request = { model: 'all-minilm-l6-v2', input: 'Routers choose before inference.' };
    const [base64, float] = [
      await client.embeddings.create(request),
      await client.embeddings.create({ ...request, encoding_format: 'float' }),
    ];
    assert.equal(base64.data[0].embedding.length, 384);
    assert.deepEqual(base64.data[0].embedding.map(Math.fround), float.data[0].embedding.map(Math.fround));
  });
});

describe('models and errors', () => {
  it('lists and finds models by every name', async () => {
    const listed = [];
    for await (const model of client.models.list()) listed.push(model);
    for (const id of [names.chat, names.route, 'adders-gac']) {
      assert.ok(listed.find((m) => m.id === id)?.created > 1e9, id);
      assert.equal((await client.models.retrieve(id)).id, id);
    }
  });

  it('does not know what is not there, whatever else is wrong', async () => {
    const unknown = { ...ask('Hello', 'no/such:model'), tools: 7, temperature: -1 };
    await assert.rejects(client.chat.completions.create(unknown), (e) => {
      assert.ok(e instanceof OpenAI.NotFoundError);
      assert.equal(e.code, 'model_not_found');
      return true;
    });
  });

  it('names parameters as the caller does', async () => {
    await assert.rejects(client.embeddings.create({ model: 'all-minilm-l6-v2', input: [''] }), (e) => {
      assert.ok(e instanceof OpenAI.BadRequestError);
      assert.match(e.param, /^input/);
      return true;
    });
  });

  it('tells when to come again', async () => {
    await assert.rejects(client.chat.completions.create(ask('please limit', names.busy)), (e) => {
      assert.ok(e instanceof OpenAI.RateLimitError);
      assert.ok(e.headers.get('retry-after') > 0);
      return true;
    });
  });

  it('carries the caller\'s request id', async () => {
    const id = 'checkout-42';
    const answer = await client.chat.completions.create(sum('adder-strong'), { headers: { 'X-Request-Id': id } });
    assert.equal(answer._request_id, id);
  });
});
