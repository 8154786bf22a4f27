// LlamaIndex's OpenAI and OpenAIEmbedding.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { OpenAI, OpenAIEmbedding } from '@llamaindex/openai';
import { Document, Settings, VectorStoreIndex } from 'llamaindex';
import { vector } from './endpoint.js';
import { base, begin, names } from './platform.js';

const shared = { apiKey: 'any', baseURL: base, maxRetries: 0 };
const chat = (model) => new OpenAI({ model, temperature: 0, ...shared });
const ask = (content) => ({ messages: [{ role: 'user', content }] });

async function streamed(model, content) {
  let text = '';
  for await (const chunk of await chat(model).chat({ ...ask(content), stream: true })) text += chunk.delta;
  return text;
}

let platform;
before(async () => (platform = await begin()));
after(() => platform.end());

for (const model of [names.chat, names.route]) {
  describe(`chat: ${model}`, () => {
    it('answers', async () => {
      assert.equal((await chat(model).chat(ask('Hello'))).message.content, 'Hello from the endpoint');
      assert.equal((await chat(model).complete({ prompt: 'Hello' })).text, 'Hello from the endpoint');
    });

    it('streams', async () => assert.equal(await streamed(model, 'please wait'), 'Hello from the endpoint'));

    it('meets errors', async () => {
      await assert.rejects(chat(model).chat(ask('please refuse')), /The schema is wrong\./);
      await assert.rejects(streamed(model, 'please break'), /The GPU is gone\./);
    });
  });
}

describe('ensembles and embeddings', () => {
  for (const model of ['adders-gac', 'adders-vote', 'adders-cascade'])
    it(`${model} answers and streams`, async () => {
      assert.match((await chat(model).chat(ask('618+467='))).message.content, /^\d+$/);
      assert.match(await streamed(model, '618+467='), /^\d+$/);
    });

  it('embeds, whatever the endpoint can', async () => {
    const texts = ['one', 'three more'];
    for (const model of [names.chat, names.floats]) {
      const vectors = await new OpenAIEmbedding({ model, ...shared }).getTextEmbeddings(texts);
      assert.deepEqual(vectors.map((v) => Array.from(v, Math.fround)), texts.map(vector));
    }
  });

  it('answers from an index', async () => {
    Settings.llm = chat(names.chat);
    Settings.embedModel = new OpenAIEmbedding({ model: 'all-minilm-l6-v2', ...shared });
    const index = await VectorStoreIndex.fromDocuments([
      new Document({ text: 'Ada lives in Ulm.' }),
      new Document({ text: 'Routers choose before inference.' }),
    ]);
    const answer = await index.asQueryEngine({ similarityTopK: 1 }).query({ query: 'Where does Ada live?' });
    assert.equal(answer.message.content, 'Hello from the endpoint');
    assert.equal(answer.sourceNodes[0].node.getText(), 'Ada lives in Ulm.');
  });

  it('tells when to come again', async () => {
    await assert.rejects(chat(names.busy).chat(ask('please limit')), (e) => e.status === 429);
  });

  it('does not know what is not there', async () => {
    await assert.rejects(chat('no/such:model').chat(ask('Hello')), (e) => e.status === 404);
  });
});
