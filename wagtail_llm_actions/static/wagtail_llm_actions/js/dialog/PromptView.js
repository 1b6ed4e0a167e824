/** Shows what would be sent, or why nothing can be: see `POST preview` of the API. */
import { element, factsOf, promptElements } from './prompt.js';

export class PromptView {
  /** @param {object} elements - `problem`, `facts`, `notices` (a list) and `prompt`. */
  constructor(elements) {
    Object.assign(this, elements);
  }

  /** `problem` is a sentence that is said instead of the preview's own. */
  show(preview, problem = preview.problem?.message ?? '') {
    const shown = promptElements(preview);
    this.problem.textContent = problem;
    this.facts.textContent = preview.problem ? '' : factsOf(preview);
    fillList(this.notices, [...preview.cuts, ...preview.notices]);
    this.prompt.hidden = !shown.length;
    this.prompt.replaceChildren(...shown);
  }

  refuse({ message }) {
    this.clear();
    this.problem.textContent = message;
  }

  clear() {
    this.problem.textContent = '';
    this.facts.textContent = '';
    fillList(this.notices, []);
    this.prompt.replaceChildren();
    this.prompt.hidden = true;
  }
}

export const fillList = (list, sentences) =>
  list.replaceChildren(
    ...sentences.map((textContent) => element('li', { textContent })),
  );
