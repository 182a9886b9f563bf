import { Document, isCollection, isSeq, visit } from 'yaml';

/** A value on one line, as YAML writes it inside braces. */
export function flow(value: unknown): string {
  const document = new Document(value);
  visit(document, (_, node) => {
    if (isCollection(node)) node.flow = true;
  });
  return document.toString({ flowCollectionPadding: false, lineWidth: 0 }).trimEnd();
}

/** YAML in blocks, with lists on one line. */
export function block(value: unknown): string {
  const document = new Document(value);
  visit(document, (_, node) => {
    if (isSeq(node)) node.flow = true;
  });
  return document.toString({ flowCollectionPadding: false });
}

export function indented(text: string, spaces: number): string {
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(spaces));
}
