/** The module that the xk6 extension beside this folder adds to k6. */
declare module 'k6/x/faultline' {
  const faultline: {
    /** Connects to the harness with its own configuration; throws where that is not possible. */
    open(config: string): void;
    /** Sends the next request of the path with this index and returns when it has ended; the record is on its way then. */
    request(path: number): void;
  };
  export default faultline;
}
