/** Why k6 by itself can only be judged over fresh connections. The extension sends each request once. */
export const OWN_CLIENT = "over kept ones k6's own HTTP client sends a request again by itself and hides the error";

/** Why k6 sends plain requests of a scenario. */
export const PLAIN_ONLY =
  'k6 is told one rate, and of each request method, path and headers; a script sends its own bodies';
