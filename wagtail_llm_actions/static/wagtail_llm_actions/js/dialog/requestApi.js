/** Asks the server what would be sent, and saves what was tried. */
import { contentsOf, postJson, send } from '../api.js';
import { editorPath } from '../form.js';

/**
 * Returns what a run would send: see `POST preview` of the API.
 *
 * @param {object} control - of the field.
 * @param {object} changes - what is otherwise than in the action.
 */
export async function previewRun(control, changes, signal) {
  const { template, contents } = control.runOptions ?? {};
  const query = new URLSearchParams({
    editor: editorPath(control.form),
    address: control.address,
  });
  if (template) query.set('template', template);
  const body = await contentsOf(control.form, {
    ...contents,
    ...changesField(changes),
  });
  return (await send(`preview?${query}`, { body, signal })).json();
}

/** Returns what is posted beside the form for a run with changes; nothing where there are none. */
export const changesField = (changes) =>
  Object.keys(changes).length ? { 'llm-changes': JSON.stringify(changes) } : {};

/** Returns the names of the models of a configuration; blank means the default one. */
export const fetchModels = async (config) =>
  (
    await send(`models?${new URLSearchParams({ config })}`, { method: 'GET' })
  ).json();

/**
 * Saves the field's action with the changes, or as its first one; returns it.
 *
 * @param {object} options - `version` of the action that was shown, blank for none; `templateName`
 *   of a changed prompt; `destination`: the path of another
 *   field that it is for from now on; `asNew`: as another action.
 */
export const saveAction = (
  control,
  path,
  changes,
  { templateName, version, destination = '', asNew = false },
) =>
  postJson(`actions/save?${fieldQuery(control, path)}`, {
    changes,
    template_name: templateName,
    version,
    destination,
    as_new: asNew,
  });

export function deleteAction(control, path, version) {
  const query = fieldQuery(control, path);
  query.set('version', version);
  return send(`actions/delete?${query}`, {});
}

/** Saves a prompt as a template; returns it with its slug. */
export const saveTemplate = (template) => postJson('templates/save', template);

const fieldQuery = (control, path) =>
  new URLSearchParams({ editor: editorPath(control.form), path });
