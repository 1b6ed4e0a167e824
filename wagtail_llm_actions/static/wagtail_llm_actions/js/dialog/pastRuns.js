/** What was run on the field before. */
import { send } from '../api.js';
import { editorPath } from '../form.js';
import { text } from '../strings.js';

/** Returns the last runs on the field of a control, the newest first. */
export async function fetchPastRuns({ form, address }) {
  const query = new URLSearchParams({ editor: editorPath(form), address });
  const token = new FormData(form).get('llm-actions-form');
  if (token) query.set('form_token', token);
  return (await send(`runs?${query}`, { method: 'GET' })).json();
}

/** Returns an item of the list for each run; `show` is called with a run that has a text. */
export function itemsOf(runs, show) {
  if (!runs.length) return [element('li', { textContent: text('no_runs') })];
  return runs.map((run) => {
    const item = element('li', {});
    const { when, user, model, outcome, output, message } = run;
    item.append(
      element('strong', { textContent: outcome }),
      ` ${[when, user, model].filter(Boolean).join(', ')} `,
    );
    if (output && !run.of_selection) item.append(showButton(run, show), ' ');
    item.append(
      element('a', {
        href: run.url,
        target: '_blank',
        rel: 'noopener',
        textContent: text('details'),
        ariaLabel: text('details_of', { when }),
      }),
    );
    const said = output || message;
    if (said)
      item.append(
        element('span', {
          className: 'llm-history__text',
          dir: 'auto',
          textContent: said,
        }),
      );
    return item;
  });
}

function showButton(run, show) {
  const button = element('button', {
    type: 'button',
    className: 'llm-field__link',
    textContent: text('show_again'),
    ariaLabel: text('show_again_of', { when: run.when }),
  });
  button.addEventListener('click', () => show(run));
  return button;
}

const element = (name, properties) =>
  Object.assign(document.createElement(name), properties);
