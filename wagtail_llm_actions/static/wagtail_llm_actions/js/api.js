/** Talks to the server's API; every failure becomes an `ApiError` with a sentence to show. */
import { editorPath, formContents } from './form.js';
import { readLines } from './ndjson.js';
import { config, text } from './strings.js';

let token = wagtailConfig().CSRF_TOKEN;

const FINAL = new Set(['succeeded', 'failed']);
/** The codes of refusals that are about the session, whatever was asked for. */
const SESSION_CODES = new Set(['unauthenticated', 'forbidden']);

/** A request that was not answered as asked; `message` is for the editor. */
export class ApiError extends Error {
  constructor(
    message,
    { code = '', retryable = true, runId = null, reasons = [], answer } = {},
  ) {
    super(message);
    this.code = code;
    this.retryable = retryable;
    this.runId = runId;
    this.reasons = reasons;
    this.answer = answer;
  }
}

/** For `catch`, where the editor can do without an answer; other errors are mistakes of ours. */
export function nullIfUnanswered(error) {
  if (!(error instanceof ApiError)) throw error;
  return null;
}

/** Returns the state of each field of a form: `[{ address, path }]` in, the server's answer out. */
export const fetchStates = (form, fields) =>
  postJson('fields', { editor: editorPath(form), fields });

export const fetchRun = async (id) =>
  (await send(`runs/${id}`, { method: 'GET' })).json();

export const cancelRun = (id) => postJson(`runs/${id}/cancel`, {});

/** Records what became of an output; `mended` is what was used instead of it, `mode` how. */
export const decideRun = (id, decision, { mended = '', mode } = {}) =>
  postJson(`runs/${id}/decide`, { decision, mended, mode });

/** Records that what the field held before a run was put back. */
export const noteRestored = (id) => postJson(`runs/${id}/restored`, {});

/**
 * Returns how the output of a run would stand in the form as it is now.
 *
 * @param {object} options - `mended`: what a person made of the output; `mode`: how it is to be
 *   used, if not as the action says; `restore`: whether what stood there before is meant instead;
 *   `contents`: what is posted beside the form, or instead of what stands in it; `signal`.
 */
export async function presentRun(
  id,
  form,
  address,
  { mended, mode, restore, contents = {}, signal },
) {
  const query = new URLSearchParams({ editor: editorPath(form), address });
  if (mode) query.set('mode', mode);
  if (restore) query.set('restore', 'true');
  const body = await contentsOf(form, contents);
  if (mended !== undefined) body.set('llm-mended', mended);
  return (await send(`runs/${id}/present?${query}`, { body, signal })).json();
}

/**
 * Runs the field's action on the form as it is now, and yields the events of the run.
 *
 * @param {object} options - `template`: the one to run instead; `contents`: what is posted beside
 *   the form.
 * @throws {ApiError} if the run is refused, or the stream ends before the run does.
 */
export async function* streamRun(
  form,
  address,
  { retryOf, acceptCut, template, contents = {}, signal },
) {
  const query = new URLSearchParams({ editor: editorPath(form), address });
  if (retryOf) query.set('retry_of', retryOf);
  if (template) query.set('template', template);
  if (acceptCut) query.set('accept_cut', 'true');
  const body = await contentsOf(form, contents);
  yield* streamEvents(`runs?${query}`, { body, signal });
}

/**
 * Sends a request that is answered with the events of a run, and yields them.
 *
 * @throws {ApiError} if the run is refused, or the stream ends before the run does.
 */
export async function* streamEvents(path, { body, signal }) {
  const response = await send(path, { body, signal });
  let last = null;
  try {
    for await (last of readLines(response.body)) yield last;
  } catch (error) {
    if (signal.aborted) throw error;
  }
  if (!FINAL.has(last?.type))
    throw new ApiError(text('cut'), { code: 'stream_cut' });
}

/** Returns the HTML of the dialog. */
export async function fetchDialog() {
  return (await send(config().dialogUrl, { method: 'GET' })).text();
}

/** Returns what stands in the form, with what is posted beside it. */
export async function contentsOf(form, contents) {
  const body = await formContents(form);
  Object.entries(contents).forEach(([name, value]) => body.set(name, value));
  return body;
}

export async function postJson(path, data) {
  const headers = { 'Content-Type': 'application/json' };
  return (await send(path, { body: JSON.stringify(data), headers })).json();
}

/** Sends a request; `path` is relative to the API. */
export async function send(path, options) {
  const response = await request(path, options);
  if (response.ok) return response;
  const error = await errorOf(response);
  // A refusal of ours has a code of its own, and would only be refused again.
  if (error.code !== '403' || !(await renewToken())) throw error;
  const second = await request(path, options);
  if (second.ok) return second;
  throw await errorOf(second);
}

function request(path, { method = 'POST', headers = {}, ...options }) {
  const url = new URL(path, new URL(config().apiUrl, window.location.href));
  const all = { ...headers, [wagtailConfig().CSRF_HEADER_NAME]: token };
  return fetch(url, {
    method,
    headers: all,
    redirect: 'manual',
    ...options,
  }).catch((error) => {
    throw error.name === 'AbortError'
      ? error
      : new ApiError(text('network'), { code: 'network' });
  });
}

/** Logging in again, in another tab, changes the token; returns whether there is a new one. */
async function renewToken() {
  const response = await request(config().dialogUrl, { method: 'GET' });
  if (!response.ok) return false;
  const page = new DOMParser().parseFromString(
    await response.text(),
    'text/html',
  );
  token = page.querySelector('[data-csrf-token]').dataset.csrfToken;
  return true;
}

/** A login page instead of an answer, or a refusal that is not ours, means a lost session. */
async function errorOf(response) {
  const answer = await response.json().catch(() => ({}));
  if (answer.code && !SESSION_CODES.has(answer.code)) {
    const { code, message, retryable, run_id: runId, reasons } = answer;
    return new ApiError(message, { code, retryable, runId, reasons });
  }
  const isLoggedOut =
    response.type === 'opaqueredirect' || [401, 403].includes(response.status);
  return new ApiError(text(isLoggedOut ? 'session' : 'server'), {
    code: `${response.status}`,
  });
}

function wagtailConfig() {
  return JSON.parse(document.getElementById('wagtail-config').textContent);
}
