/** What mends a permission that is missing, as people are told it. */
export const GRANT =
  '`faultline plan FILE --target TARGETS --rbac User:NAME`, run by somebody who may read all of it, prints the Roles and the command that grants them.';
