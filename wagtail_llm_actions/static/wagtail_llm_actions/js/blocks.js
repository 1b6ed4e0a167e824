/** Walks the blocks of a StreamField as Wagtail's client keeps them, and changes them. */

/** What a field is made of: one input or widget, several blocks, or rows of inline children. */
export const Role = {
  FIELD: 'field',
  STRUCT: 'struct',
  LIST: 'list',
  STREAM: 'stream',
  ROWS: 'rows',
};

/** Returns the outermost block of a form field, or undefined where the field has no blocks. */
export function rootBlockOf(field) {
  return field.querySelector('[id$="-root"]')?.rootBlock;
}

/** What the items of a list are called at the end of a path; what is in them leaves it out. */
const ITEM = 'item';

/**
 * Yields `{ block, field, role, address, path }` for each block in `block`, outermost first.
 *
 * Deleted blocks are not among them, nor what has no value, as tables' cells and static blocks.
 */
export function* blocksIn(block, address, path) {
  const isList = roleOf(block) === Role.LIST;
  for (const child of childrenOf(block)) {
    const place = {
      block: child.block,
      role: roleOf(child.block),
      address: `${address}.${child.address}`,
      path: `${path}.${child.path}`,
    };
    const field = elementOf(child.block);
    if (place.role && field) yield { ...place, field };
    yield* blocksIn(child.block, place.address, isList ? path : place.path);
  }
}

/** Returns what kind of block it is; undefined for blocks that are not one of Wagtail's own. */
export function roleOf(block) {
  const { FieldBlock, StructBlock, ListBlock, StreamBlock } =
    window.wagtailStreamField.blocks;
  if (block instanceof FieldBlock) return Role.FIELD;
  if (block instanceof StructBlock) return Role.STRUCT;
  if (block instanceof ListBlock) return Role.LIST;
  return block instanceof StreamBlock ? Role.STREAM : undefined;
}

/** Puts a state that the server made into a block. */
export function setBlockState(block, state) {
  if (roleOf(block) === Role.STRUCT)
    Object.entries(state).forEach(([name, value]) =>
      setBlockState(block.childBlocks[name], value),
    );
  else block.setState(isRichText(block) ? editorState(state) : state);
}

function childrenOf(block) {
  if (block.childBlocks)
    return Object.entries(block.childBlocks).map(([name, child]) => ({
      block: child,
      address: name,
      path: name,
    }));
  return (block.children ?? []).map((child) => ({
    block: child.block,
    address: child.id || `@${child.prefix.match(/-(\d+)$/)[1]}`,
    path: roleOf(block) === Role.STREAM ? child.type : ITEM,
  }));
}

const elementOf = (block) =>
  block.field ?? block.container?.[0] ?? block.element;

/** Once it is shown, the editor takes only its own kind of state; new ones also take the JSON. */
const isRichText = (block) => Boolean(block.widget?.input?.draftailEditor);
const editorState = (state) =>
  typeof state === 'string'
    ? window.Draftail.createEditorStateFromRaw(JSON.parse(state))
    : state;
