/** Why k6 by itself can only be judged over fresh connections. The extension sends each request once. */
export const OWN_CLIENT = "over kept ones k6's own HTTP client sends a request again by itself and hides the error";
