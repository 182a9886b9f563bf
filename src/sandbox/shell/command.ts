/** How a command ended, and what it wrote. */
export type CommandResult = { readonly code: number; readonly output: string; readonly error: string };
