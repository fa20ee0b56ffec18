// The pods' phases as bars over time.

const PHASES = [
  ['created', 'waiting for a node'], ['scheduled', 'scheduled, pulling images'], ['pulled', 'images pulled'],
  ['started', 'started, not ready'], ['ready', 'ready'], ['terminating', 'terminating'],
];

function podsTable(page, pods) {
  const run = page.run;
  const times = pods.flatMap((pod) => [...PHASES.map(([name]) => pod[name]), pod.deleted]).filter((time) => time !== null);
  const first = Math.min(...times);
  const last = Math.max(first + 1, ...times);
  const end = last + (last - first) * 0.04 + 1;
  const share = (time) => 100 * (time - first) / (end - first);
  const body = h('tbody');
  const table = h('table', {class: 'pods'},
      h('caption', null, 'From ' + clock(first) + ' to ' + clock(last) + '. The times are those since the pod was created.'),
      h('thead', null, h('tr', null, h('th', {scope: 'col'}, 'Pod'), h('th', {scope: 'col', class: 'axis'}, axis(first, end, share)),
          ['Scheduled', 'Pulled', 'Started', 'Ready'].map((name) => h('th', {scope: 'col', class: 'number'}, name)))),
      body);
  let shown = 0;
  const button = h('button', {type: 'button', class: 'more', onclick: () => more()});
  function more() {
    for (const pod of pods.slice(shown, shown + 60)) body.append(podRow(page, pod, share, end));
    shown = Math.min(pods.length, shown + 60);
    button.hidden = shown === pods.length;
    button.textContent = 'Show more of the other ' + count(pods.length - shown, 'pod');
  }
  more();
  const left = run.podsLeftOut ? h('p', {class: 'note'}, count(run.podsLeftOut, 'more pod') + ' are not on this page.') : null;
  return [legend(), h('div', {class: 'pods-frame'}, table), button, left];
}

function legend() {
  return h('ul', {class: 'legend'}, PHASES.map(([name, text]) =>
      h('li', null, h('span', {class: 'swatch', 'data-phase': name, 'aria-hidden': 'true'}), text)));
}

// Round numbers, five or so of them.
function axis(first, end, share) {
  const rough = (end - first) / (isNarrow() ? 3 : 6);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  const marks = h('span', {class: 'marks', 'aria-hidden': 'true'});
  for (let time = Math.ceil(first / step) * step; time < end; time += step) {
    const at = share(time);
    if (at > 94) continue;
    const mark = h('span', {class: 'tick'}, Number((time / 1e6).toPrecision(6)) + ' s');
    mark.style.left = at + '%';
    marks.append(mark);
  }
  return [h('span', {class: 'out-of-sight'}, 'Phases over time'), marks];
}

function podRow(page, pod, share, end) {
  const track = h('div', {class: 'track'});
  const present = PHASES.map(([name, text]) => [name, text, pod[name]]).filter(([, , time]) => time !== null);
  // Ready no more, ready again: until it is told to go.
  (pod.readiness || []).forEach((time, index) => {
    const [name, text] = PHASES[index % 2 ? 4 : 3];
    if (pod.terminating === null || time < pod.terminating) present.push([name, text, time]);
  });
  present.sort((a, b) => a[2] - b[2]);
  const over = pod.deleted === null ? end : pod.deleted;
  present.forEach(([name, text, time], index) => {
    const until = index + 1 < present.length ? present[index + 1][2] : over;
    const bar = h('span', {class: 'phase', 'data-phase': name, title: text + ': ' + clock(time) + ' to ' + clock(until)});
    bar.style.left = share(time) + '%';
    bar.style.width = Math.max(0, share(Math.max(until, time)) - share(time)) + '%';
    track.append(bar);
  });
  const key = page.run.keys[pod.key], after = (time) => time === null || pod.created === null ? '–' : clock(time - pod.created);
  const name = key.split('/').slice(1).join('/');
  const cell = (label, time) => h('td', {class: 'number', 'data-label': label}, after(time));
  return h('tr', {'data-key': key},
      h('th', {scope: 'row'}, h('a', {href: page.link('object/' + key), class: 'pod-name'}, name),
          h('span', {class: 'pod-node'}, pod.node ? 'on ' + pod.node : 'on no node', pod.deleted === null ? '' : ', gone at ' + clock(pod.deleted))),
      h('td', {class: 'track-cell'}, track),
      cell('scheduled', pod.scheduled), cell('pulled', pod.pulled), cell('started', pod.started), cell('ready', pod.ready));
}
