// The Vercel AI SDK with its own telemetry: a model that calls a tool and then answers.
import assert from 'node:assert/strict';
import test from 'node:test';

import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { generateText, stepCountIs, tool } from 'ai';
import { MockLanguageModelV3 } from 'ai/test';
import { z } from 'zod';

import { Daemon } from './daemon.mjs';

const usage = {
  inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 5, text: 5, reasoning: 0 },
};

test('a model that calls a tool is seen with the call between its rounds', async () => {
  const daemon = await new Daemon().start();
  const sdk = new NodeSDK({
    serviceName: 'assistant',
    traceExporter: new OTLPTraceExporter({ url: `${daemon.url}/v1/traces` }),
    instrumentations: [],
  });
  sdk.start();
  let rounds = 0;
  const model = new MockLanguageModelV3({
    modelId: 'mock-model',
    doGenerate: async () =>
      ++rounds === 1
        ? {
            content: [
              { type: 'tool-call', toolCallId: 'call-1', toolName: 'weather', input: '{"city":"Lisbon"}' },
            ],
            finishReason: { unified: 'tool-calls', raw: 'tool_calls' },
            usage,
            warnings: [],
          }
        : {
            content: [{ type: 'text', text: 'It is sunny.' }],
            finishReason: { unified: 'stop', raw: 'stop' },
            usage,
            warnings: [],
          },
  });
  const answer = await generateText({
    model,
    prompt: 'How is the weather in Lisbon?',
    stopWhen: stepCountIs(3),
    tools: {
      weather: tool({
        description: 'The weather of a city',
        inputSchema: z.object({ city: z.string() }),
        execute: async ({ city }) => ({ city, sky: 'sunny' }),
      }),
    },
    experimental_telemetry: { isEnabled: true, functionId: 'weather-agent' },
  });
  assert.equal(answer.text, 'It is sunny.');
  await sdk.shutdown();

  const events = await daemon.askFor(3, 'source=otlp&order=oldest');
  const calls = events.filter((event) => event.category === 'tool_call');
  assert.equal(calls.length, 1);
  assert.equal(calls[0].target, 'weather');
  assert.deepEqual(calls[0].detail.arguments, { city: 'Lisbon' });
  assert.deepEqual(calls[0].detail.result, { city: 'Lisbon', sky: 'sunny' });
  const models = events.filter((event) => event.category === 'llm');
  assert.ok(models.length >= 2, `${models.length} model calls`);
  for (const event of models) assert.equal(event.target, 'mock-model');
  assert.deepEqual(await daemon.stop(), { status: 0, verdict: 'intact' });
});
