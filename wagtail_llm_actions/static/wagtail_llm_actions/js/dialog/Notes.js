/** What the dialog says of a text, as lists of sentences. */

export class Notes {
  /**
   * @param {HTMLElement} reasons - the list of why something is refused.
   * @param {HTMLElement} notices - the list of what the editor should know all the same.
   */
  constructor({ reasons, notices }) {
    Object.assign(this, { reasons, notices });
  }

  clear() {
    this.refuse([]);
    this.begin([]);
  }

  refuse(sentences) {
    this.reasons.replaceChildren(...items(sentences));
  }

  /** Notices of the sources; those of the output come after them. */
  begin(sentences) {
    this.notices.replaceChildren();
    this.add(sentences);
  }

  add(sentences) {
    const known = [...this.notices.children].map((item) => item.textContent);
    const fresh = sentences.filter((sentence) => !known.includes(sentence));
    this.notices.append(...items(fresh));
  }
}

const items = (sentences) =>
  sentences.map((textContent) =>
    Object.assign(document.createElement('li'), { textContent }),
  );
