/** Asks the server about types and fields, and tries an action as its form stands. */
import { contentsOf, send, streamEvents } from '../api.js';
import { editorPath } from '../form.js';

/** Returns the parts of an answer in HTML, by the names in `data-part`. */
export async function fetchParts(url, query, signal) {
  const address = `${url}?${new URLSearchParams(query)}`;
  const answer = await send(address, { method: 'GET', signal });
  const page = new DOMParser().parseFromString(
    await answer.text(),
    'text/html',
  );
  const parts = [...page.querySelectorAll('[data-part]')];
  return Object.fromEntries(parts.map((part) => [part.dataset.part, part]));
}

/** Returns what the action of a form would send for an object. */
export async function previewTrial(form, key, signal) {
  const body = await contentsOf(form, {});
  const path = `builder/preview?${queryOf(form, key)}`;
  return (await send(path, { body, signal })).json();
}

/** Tests the action of a form on an object, and yields the events of the run. */
export async function* streamTrial(form, key, signal) {
  const body = await contentsOf(form, {});
  yield* streamEvents(`builder/runs?${queryOf(form, key)}`, { body, signal });
}

/** Returns the output of a test, with what the field says to it. */
export const fetchResult = async (id, signal) =>
  (await send(`builder/runs/${id}`, { method: 'GET', signal })).json();

/** Returns the names of the models that a provider offers now. */
export const fetchModels = async (provider, signal) =>
  (
    await send(`builder/models?${new URLSearchParams({ provider })}`, {
      method: 'GET',
      signal,
    })
  ).json();

const queryOf = (form, key) =>
  new URLSearchParams({ editor: editorPath(form), key });
