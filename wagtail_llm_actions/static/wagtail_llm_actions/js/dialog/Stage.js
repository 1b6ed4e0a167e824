/** What of the dialog belongs to a state, and where the focus is in it. */

/**
 * An element with `data-states` is hidden in all other states; one with `data-focus-in` takes the
 * focus in its states, where it would be lost.
 */
export class Stage {
  constructor(element, dialog) {
    Object.assign(this, { element, dialog });
  }

  show(state) {
    this.all('states').forEach((element) => {
      element.hidden = !belongs(element.dataset.states, state);
    });
  }

  /** A button that turns into another under the finger would be pressed by mistake. */
  keepFocus(state) {
    const focused = document.activeElement;
    const isInside =
      this.dialog.contains(focused) && !focused.closest('[hidden]');
    const isKept = state === 'running' || focused !== this.dialog;
    if (isInside && isKept && state !== 'leaving') return;
    this.all('focus-in')
      .find(({ hidden, dataset }) => !hidden && belongs(dataset.focusIn, state))
      ?.focus();
  }

  all(name) {
    return [...this.element.querySelectorAll(`[data-${name}]`)];
  }
}

const belongs = (states, state) => states.split(' ').includes(state);
