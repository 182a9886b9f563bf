const FAKE = `#!${process.execPath}
const http = require('node:http'), net = require('node:net'), fs = require('node:fs');
const address = process.argv.find((a) => a.startsWith('--address=')).split(':');
const { client } = JSON.parse(fs.readFileSync(process.env.FAULTLINE_CONFIG));
const behave = BEHAVE;
if (behave.say) process.stderr.write(JSON.stringify({ level: behave.level, msg: behave.say }) + '\\n');
if (behave.early) process.exit(behave.early);
const micros = () => Number(process.hrtime.bigint() / 1000n);
const socket = net.connect(client.socket);
const say = (line) => socket.write(JSON.stringify(line) + '\\n');
let status = 4;
http.createServer((req, res) => {
  let body = '';
  req.on('data', (d) => { body += d; }).on('end', () => {
    if (req.method === 'PATCH') change(JSON.parse(body).data.attributes);
    res.end(JSON.stringify({ data: { attributes: { status } } }));
  });
}).listen(Number(address[1]), address[0].split('=')[1]);
function change({ paused, stopped }) {
  if (paused === false) {
    const at = micros();
    say({ clock: at, exact: true, lost: behave.lost ?? 0 });
    say({ plan: 0, at });
    say({ chain: 0, hops: [['mocka', 'z1', ''], ['mockb', 'z2', '']], rest: '' });
    if (behave.drop) say({ drop: 0, at: at + 10001 });
    say({ p: 0, n: 0, t0: at + 5, t1: at + 900, s: 200, c: 0, f: 1 });
    say({ p: 0, n: 1, t0: at + 20005, t1: at + 20900, e: behave.error ?? 'reset', f: 0 });
    if (behave.split) {
      socket.write('{"p":0,"n":2,"t0":' + (at + 20006));
      setTimeout(() => socket.write(',"t1":' + (at + 20901) + ',"s":200,"c":0,"f":0}\\n'), 50);
    }
    if (behave.dashboard) fs.writeFileSync(process.env.K6_WEB_DASHBOARD_EXPORT, 'html');
    if (behave.later) setTimeout(() => process.exit(behave.later), 50);
  }
  if (stopped && behave.slow) {
    const word = 'sleep 0.2; echo "{\\\\"bye\\\\":1}" >&3';
    require('node:child_process').spawn('/bin/sh', ['-c', word], { stdio: ['ignore', 'ignore', 'ignore', socket], detached: true });
    process.exit(103);
  } else if (stopped) {
    if (!behave.silent) say({ bye: 1 });
    socket.end(() => setTimeout(() => process.exit(behave.code ?? 103), 10));
  }
}
`;

/** A program in place of k6 that talks as it does: REST interface, socket of the extension, exit codes. */
export function fakeK6(behave: object): string {
  return FAKE.replace('BEHAVE', JSON.stringify(behave));
}
