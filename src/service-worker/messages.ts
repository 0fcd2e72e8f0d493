/** A page asks the service worker to serve it at once, without being loaded anew. */
export const CLAIM = 'shvq:claim';
