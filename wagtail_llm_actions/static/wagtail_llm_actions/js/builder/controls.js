/** The controls of a Django form, by name. */

export const controlOf = (form, name) => form.elements.namedItem(name);

/** Fills a control as typing would. */
export function fillIn(control, value) {
  control.value = value;
  control.dispatchEvent(new Event('input', { bubbles: true }));
  control.dispatchEvent(new Event('change', { bubbles: true }));
}
