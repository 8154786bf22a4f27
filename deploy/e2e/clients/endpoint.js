// A model server as product teams have them, scripted: what it is asked for decides what it does.
import { createServer } from 'node:http';

const usage = { prompt_tokens: 11, completion_tokens: 3, total_tokens: 14 };
const words = ['Hello', ' from', ' the', ' endpoint'];
const call = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Ulm"}' } };

/** A vector that tells its text's length and place, so that mixed-up ones are seen. */
export const vector = (text, place) => [text.length / 128, (place + 1) / 4, 0.5, 1 / 3].map(Math.fround);

/** What its endpoint was asked, and the calls that their callers left. */
export class Endpoint {
  requests = [];
  left = 0;

  /** @param {{floatsOnly?: boolean}} kind - floatsOnly: ignores `encoding_format`, as many servers do */
  constructor({ floatsOnly = false } = {}) {
    this.floatsOnly = floatsOnly;
    this.server = createServer((request, response) => this.answer(request, response));
  }

  async start() {
    await new Promise((ready) => this.server.listen(0, '127.0.0.1', ready));
    return `http://127.0.0.1:${this.server.address().port}/v1`;
  }

  stop() {
    this.server.close();
    this.server.closeAllConnections();
  }

  async answer(request, response) {
    let text = '';
    for await (const piece of request) text += piece;
    const body = text ? JSON.parse(text) : {};
    const path = new URL(request.url, 'http://endpoint').pathname;
    if (path === '/v1/models') return whole(response, 200, { data: [{ id: 'scripted', max_model_len: 8192 }] });
    this.requests.push({ path, body });
    if (path === '/v1/embeddings') return this.embed(response, body);
    if (path === '/v1/chat/completions') return this.chat(response, body);
    return whole(response, 404, { error: { message: 'No such path' } });
  }

  embed(response, body) {
    const texts = [body.input].flat();
    const base64 = body.encoding_format === 'base64' && !this.floatsOnly;
    const data = texts.map((text, index) => {
      const floats = vector(text, index);
      return {
        object: 'embedding',
        index,
        embedding: base64 ? Buffer.from(new Float32Array(floats).buffer).toString('base64') : floats,
      };
    });
    whole(response, 200, { object: 'list', model: 'scripted', data, usage: { prompt_tokens: 4, total_tokens: 4 } });
  }

  async chat(response, body) {
    const last = body.messages.at(-1);
    const said = typeof last.content === 'string' ? last.content : JSON.stringify(last.content);
    if (said.includes('please refuse'))
      return whole(response, 400, {
        error: { message: 'The schema is wrong.', type: 'invalid_request_error', param: 'tools', code: 'invalid_schema' },
      });
    if (said.includes('please limit'))
      return whole(response, 429, { error: { message: 'Too many requests.' } }, { 'Retry-After': '7' });
    const choice = this.choice(body, last, said);
    const n = body.n ?? 1;
    if (!body.stream) {
      const choices = Array.from({ length: n }, (_, index) => ({
        index,
        message: { role: 'assistant', content: null, refusal: null, ...choice.message },
        logprobs: null,
        finish_reason: choice.reason,
      }));
      return whole(response, 200, { id: 'c1', object: 'chat.completion', created: 1, model: 'scripted', choices, usage });
    }
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.on('close', () => {
      if (!response.writableFinished) this.left++;
    });
    const chunk = (index, delta, reason = null) =>
      event(response, {
        id: 'c1',
        object: 'chat.completion.chunk',
        created: 1,
        model: 'scripted',
        choices: [{ index, delta, finish_reason: reason }],
      });
    if (said.includes('please go on')) {
      for (let i = 0; i < 600 && !response.destroyed; i++) {
        chunk(0, { content: `${i} ` });
        await new Promise((next) => setTimeout(next, 50));
      }
    }
    if (said.includes('please break')) {
      chunk(0, { content: 'Half an' });
      // What comes together with the failure is not handed on: another member may answer instead.
      await new Promise((next) => setTimeout(next, 1000));
      event(response, { error: { message: 'The GPU is gone.', type: 'server_error', code: 'gpu_gone' } });
      return response.end();
    }
    if (said.includes('please wait')) response.write(': ping\n\n: ping\n\n');
    for (let index = 0; index < n; index++) {
      chunk(index, { role: 'assistant', content: choice.message.tool_calls ? null : '' });
      for (const delta of choice.deltas) chunk(index, delta);
      chunk(index, {}, choice.reason);
    }
    if (body.stream_options?.include_usage)
      event(response, { id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'scripted', choices: [], usage });
    response.end('data: [DONE]\n\n');
  }

  choice(body, last, said) {
    if (body.tools?.length && last.role !== 'tool')
      return {
        message: { tool_calls: [call] },
        deltas: [
          { tool_calls: [{ index: 0, id: call.id, type: 'function', function: { name: 'weather', arguments: '' } }] },
          { tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] },
          { tool_calls: [{ index: 0, function: { arguments: '"Ulm"}' } }] },
        ],
        reason: 'tool_calls',
      };
    let pieces = words;
    if (last.role === 'tool') pieces = ['The tool says: ', said];
    if (body.response_format?.type === 'json_schema') pieces = ['{"city":"Ulm",', '"degrees":21}'];
    return {
      message: { content: pieces.join('') },
      deltas: pieces.map((content) => ({ content })),
      reason: 'stop',
    };
  }
}

function whole(response, status, body, headers = {}) {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

function event(response, body) {
  response.write(`data: ${JSON.stringify(body)}\n\n`);
}
