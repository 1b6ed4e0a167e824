/** What was run on the field before. */
import { send } from '../api.js';
import { editorPath } from '../form.js';
import { text } from '../strings.js';

/** Returns the last `runs` on the field of a control, the newest first, and where all are. */
export async function fetchPastRuns({ form, address }, signal) {
  const query = new URLSearchParams({ editor: editorPath(form), address });
  const token = new FormData(form).get('llm-actions-form');
  if (token) query.set('form_token', token);
  return (await send(`runs?${query}`, { method: 'GET', signal })).json();
}

/**
 * Returns an item of the list for a run.
 *
 * @param {Function} choose - called with what a person wants: `show`, `restore` or `retry`.
 */
export function itemOf(run, choose) {
  const { when, user, template, model, outcome, output, message, url } = run;
  const item = element('li', {});
  item.append(
    element('strong', { textContent: outcome }),
    ` ${[when, user, template, model].filter(Boolean).join(text('between_items'))} `,
    ...offers(run).flatMap((name) => [
      button(name, when, () => choose(name)),
      ' ',
    ]),
    element('a', {
      href: url,
      target: '_blank',
      rel: 'noopener',
      textContent: text('details'),
      ariaLabel: text('details_of', { when }),
    }),
    said(output || message),
  );
  return item;
}

const said = (textContent) =>
  textContent
    ? element('span', {
        className: 'llm-history__text',
        dir: 'auto',
        textContent,
      })
    : '';

/** What can be done with a run; a selection is gone, only the whole field can come back. */
function offers({ output, of_selection: isGone, retryable, restorable }) {
  return [
    ...(output && !isGone ? ['show'] : []),
    ...(restorable ? ['restore'] : []),
    ...(retryable && !isGone ? ['retry'] : []),
  ];
}

function button(name, when, choose) {
  const result = element('button', {
    type: 'button',
    className: 'llm-field__link',
    textContent: text(`past_${name}`),
    ariaLabel: text(`past_${name}_of`, { when }),
  });
  result.addEventListener('click', choose);
  return result;
}

const element = (name, properties) =>
  Object.assign(document.createElement(name), properties);
