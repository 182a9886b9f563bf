import { check } from 'k6';
import http from './faultline.ts';

// Run by k6 for each due request of each gateway zone; rate, paths and what makes an answer good stand in the scenario.
export { options } from './faultline.ts';

export default function () {
  // Send the request of every path of the scenario once. A login, and whatever shall not be judged, goes over k6/http.
  const answer = http.get('/mock', { headers: { 'x-user': `user-${__VU}` } });
  check(answer, { served: (r) => r.status === 200 });
}
