// OpenTelemetry's SDK for JavaScript, in both encodings.
import assert from 'node:assert/strict';
import test from 'node:test';

import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { NodeSDK } from '@opentelemetry/sdk-node';

import { Daemon } from './daemon.mjs';

// An agent that thinks, calls a tool that fails, and answers.
async function act(tracer) {
  await tracer.startActiveSpan(
    'invoke_agent researcher',
    {
      kind: SpanKind.INTERNAL,
      attributes: {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.name': 'researcher',
        'gen_ai.conversation.id': 'c-1',
      },
    },
    async (agent) => {
      const child = (name, attributes, error) => {
        const span = tracer.startSpan(name, { attributes }, trace.setSpan(context.active(), agent));
        if (error) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
        span.end();
      };
      child('chat model-1', {
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'model-1',
        'gen_ai.usage.input_tokens': 120,
        'gen_ai.usage.output_tokens': 34,
      });
      child(
        'execute_tool search',
        {
          'gen_ai.operation.name': 'execute_tool',
          'gen_ai.tool.name': 'search',
          'gen_ai.tool.call.arguments': '{"query":"weather"}',
        },
        'no network',
      );
      agent.end();
    },
  );
}

for (const [encoding, Exporter] of [
  ['protobuf', ProtobufExporter],
  ['JSON', JsonExporter],
]) {
  test(`spans come as events in ${encoding}`, async () => {
    const daemon = await new Daemon().start();
    const sdk = new NodeSDK({
      serviceName: 'shop',
      traceExporter: new Exporter({ url: `${daemon.url}/v1/traces` }),
      instrumentations: [],
    });
    sdk.start();
    await act(trace.getTracer('live'));
    await sdk.shutdown();
    trace.disable();
    context.disable();

    const events = await daemon.askFor(3, 'source=otlp&order=oldest');
    const by = Object.fromEntries(events.map((event) => [event.category, event]));
    assert.deepEqual(Object.keys(by).sort(), ['llm', 'session', 'tool_call']);
    for (const event of events) {
      assert.equal(event.agent, 'researcher');
      assert.equal(event.conversation_id, 'c-1');
      assert.equal(event.trace_id, events[0].trace_id);
    }
    assert.equal(by.llm.target, 'model-1');
    assert.equal(by.tool_call.target, 'search');
    assert.equal(by.tool_call.status, 'error');
    assert.deepEqual(by.tool_call.detail.arguments, { query: 'weather' });
    assert.deepEqual(await daemon.stop(), { status: 0, verdict: 'intact' });
  });
}
