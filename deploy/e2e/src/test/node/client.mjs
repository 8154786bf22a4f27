// The official Node client against Tutti, unchanged: node client.mjs BASE_URL
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: process.argv[2], apiKey: 'any', maxRetries: 0 });
const ask = (content, more = {}) => ({ model: 'mock', messages: [{ role: 'user', content }], ...more });
const tools = [{
  type: 'function',
  function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
}];

const whole = await client.chat.completions.create(ask('Hello'));
assert.equal(whole.choices[0].message.content, 'Grüße');
assert.equal(whole.usage.total_tokens, 14);

let text = '';
let usage;
const stream = await client.chat.completions.create(
  ask('Hello', { stream: true, stream_options: { include_usage: true } }));
for await (const chunk of stream) {
  text += chunk.choices[0]?.delta?.content ?? '';
  usage = chunk.usage ?? usage;
}
assert.equal(text, 'Grüße');
assert.equal(usage.total_tokens, 14);

const called = await client.chat.completions.create(ask('Weather?', { tools }));
assert.equal(called.choices[0].message.tool_calls[0].function.arguments, '{"city":"Ulm"}');

let streamed = '';
for await (const chunk of await client.chat.completions.create(ask('Weather?', { tools, stream: true }))) {
  streamed += chunk.choices[0]?.delta?.tool_calls?.[0]?.function?.arguments ?? '';
}
assert.equal(streamed, '{"city":"Ulm"}');

await assert.rejects(client.chat.completions.create(ask('please refuse')), (e) => {
  assert.ok(e instanceof OpenAI.BadRequestError);
  assert.equal(e.code, 'invalid_schema');
  return true;
});
await assert.rejects(async () => {
  for await (const _ of await client.chat.completions.create(ask('please cut', { stream: true })));
}, /cut its answer off/);
await assert.rejects(client.chat.completions.create(ask('Hello', { model: 'nobody' })), OpenAI.NotFoundError);

// A model of Tutti's own takes no tools, and says so.
await assert.rejects(client.chat.completions.create(ask('12+34=', { model: 'adder-strong', tools })), (e) => {
  assert.equal(e.status, 400);
  assert.equal(e.param, 'tools');
  return true;
});
console.log('The Node client is content.');
