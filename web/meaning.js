// What a detail holds, whoever reported it: docs/detail.md, and the clients' own names of hooks.
const first = (detail, names) => {
  for (const name of names) if (detail[name] !== undefined && detail[name] !== null) return [name, detail[name]];
  return ['', undefined];
};

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const argumentNames = ['arguments', 'tool_input', 'toolArgs', 'args', 'input'];
const resultNames = ['result', 'tool_response', 'tool_output', 'toolResult', 'output', 'response'];
const promptNames = ['prompt', 'last_assistant_message', 'last-assistant-message', 'message', 'delta'];

// {object, raw, args, result, error, messages, prompt, facts, usage}
export function meaningOf(event) {
  const raw = event.detail ?? '';
  const value = raw === '' ? {} : parsed(raw);
  const object = value !== null && typeof value === 'object' && !Array.isArray(value) ? value : null;
  if (!object) return { object: null, raw, facts: [], usage: {} };
  const [, args] = first(object, argumentNames);
  const [, result] = first(object, resultNames);
  const [, prompt] = first(object, promptNames);
  const facts = ['model', 'provider', 'approver', 'policy', 'reason', 'attempt', 'schedule', 'channel', 'server',
    'permission_mode', 'cwd', 'tool_call_id', 'tool_use_id', 'decision', 'exit_status', 'signal']
    .filter((name) => ['string', 'number', 'boolean'].includes(typeof object[name])).map((name) => [name.replaceAll('_', ' '), String(object[name])]);
  return {
    object, raw, prompt, facts,
    args: typeof args === 'string' ? parsed(args) : args,
    result: typeof result === 'string' ? parsed(result) : result,
    error: object.error,
    messages: messagesOf(object.messages ?? (isMessages(args) ? args : undefined) ?? (isMessages(args?.messages) ? args.messages : undefined)),
    usage: usageOf(object),
    callId: object.tool_call_id ?? object.tool_use_id ?? object.request_id,
  };
}

const isMessages = (value) => Array.isArray(value) && value.length > 0 && value.every((one) => one && typeof one === 'object' && ('role' in one || 'kwargs' in one));

export function usageOf(object) {
  const number = (name) => (typeof object[name] === 'number' ? object[name] : undefined);
  return { input: number('input_tokens'), output: number('output_tokens'), cached: number('cached_tokens'), cost: number('cost_usd') };
}

// The rounds of a conversation with a model: [{role, parts: [{kind, text | value, name}]}].
export function messagesOf(value) {
  const list = typeof value === 'string' ? parsed(value) : value;
  if (!Array.isArray(list)) return [];
  return list.flat().filter((one) => one && typeof one === 'object').map((one) => {
    const message = one.kwargs && typeof one.kwargs === 'object' ? one.kwargs : one;
    const langchain = Array.isArray(one.id) ? String(one.id.at(-1)).replace('Message', '').toLowerCase() : '';
    const role = String(message.role ?? { human: 'user', ai: 'assistant' }[langchain] ?? (langchain || 'message'));
    const parts = partsOf(message.content ?? message.parts ?? message.text);
    for (const call of message.tool_calls ?? []) {
      parts.push({ kind: 'call', name: call?.name ?? call?.function?.name ?? 'tool', value: call?.args ?? call?.arguments ?? call?.function?.arguments });
    }
    return { role, parts };
  });
}

function partsOf(content) {
  if (content === undefined || content === null || content === '') return [];
  if (typeof content === 'string') return [{ kind: 'text', text: content }];
  if (!Array.isArray(content)) return [{ kind: 'json', value: content }];
  return content.map((part) => {
    if (typeof part === 'string') return { kind: 'text', text: part };
    const text = part?.text ?? part?.thinking ?? (part?.type === 'text' ? part?.content : undefined);
    if (typeof text === 'string') return { kind: part.type === 'thinking' || part.type === 'reasoning' ? 'thinking' : 'text', text };
    const type = String(part?.type ?? '');
    if (/tool.?(call|use)/.test(type) && !/result|response/.test(type)) {
      return { kind: 'call', name: part.name ?? part.toolName ?? 'tool', value: part.input ?? part.args ?? part.arguments };
    }
    if (/tool.*(result|response)/.test(type)) {
      return { kind: 'answer', name: part.name ?? part.toolName ?? '', value: part.output?.value ?? part.output ?? part.content ?? part.response ?? part.result };
    }
    return { kind: 'json', value: part };
  });
}
