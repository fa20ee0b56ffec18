// One run as the page uses it: every line knows its cause and its effects, every revision its object.

function makeRun(data, place) {
  const run = Object.assign({place}, data);
  run.byNumber = new Map(run.lines.map((line) => [line.n, line]));
  run.byRevision = new Map();
  run.objectOf = new Map();  // key -> object
  run.revisions = new Map();  // number -> {object, index, revision}
  for (const object of run.objects) {
    object.name = run.keys[object.key];
    Object.assign(object, partsOf(object.name, run));
    run.objectOf.set(object.name, object);
    object.revisions.forEach((revision, index) => run.revisions.set(revision.rev, {object, index, revision}));
  }
  const seen = new Map();  // component and revision -> the line in which it saw it
  const latest = new Map();  // actor and object -> the line before
  for (const line of run.lines) {
    line.who = run.actors[line.actor] || 'apiserver';
    line.lane = run.lanes[run.places[line.actor]];
    line.key = line.about === undefined ? '' : run.keys[line.about];
    line.namespace = line.key ? partsOf(line.key, run).namespace : '';
    line.effects = [];
    link(run, line, seen, latest);
    if (line.rev) run.byRevision.set(line.rev, line);
  }
  return run;
}

// "pods/default/web" -> its parts. What has two parts has no namespace.
function partsOf(key) {
  const words = key.split('/');
  return {resource: words[0], namespace: words.length > 2 ? words[1] : '', short: words[words.length - 1]};
}

// Finds what made this line happen: what its actor saw, else what was written; for a timer the actor's line before.
function link(run, line, seen, latest) {
  const component = line.who.split('/')[0];
  const turn = line.who + ' ' + line.key;
  let cause = null;
  if (line.seen) {
    cause = run.byRevision.get(line.seen) || null;
    seen.set(component + ' ' + line.seen, line);
  } else if (line.cause && line.cause !== 'timer') {
    const revision = Number(line.cause);
    const before = latest.get(turn);  // in the same turn: the decision before the binding, the binding before the event
    const isSameTurn = before && before.cause === line.cause && (before.action === 'decides' || line.action === 'event');
    cause = isSameTurn ? before : seen.get(component + ' ' + revision) || run.byRevision.get(revision) || null;
  }
  line.isContinued = !cause && line.cause === 'timer' && line.key !== '' && latest.has(turn);
  if (line.isContinued) cause = latest.get(turn);
  line.because = cause;
  if (cause) cause.effects.push(line);
  if (line.key) latest.set(turn, line);
}

// All lines that led to this one, and all that followed from it.
function chainOf(line) {
  const before = new Set(), after = new Set();
  for (let at = line.because; at; at = at.because) before.add(at.n);
  const open = [line];
  while (open.length && after.size < 5000) {
    for (const effect of open.pop().effects) {
      if (after.has(effect.n)) continue;
      after.add(effect.n);
      open.push(effect);
    }
  }
  const all = [...before, line.n, ...after];
  return {line, before, after, first: Math.min(...all), last: Math.max(...all)};
}

// One lane for all parts of a program: {lanes, places, hub} as in the run itself.
function sharedLanes(run) {
  const names = {user: 'user', hub: 'apiserver', scheduler: 'scheduler', controller: 'controllers', kubelet: 'kubelets'};
  const families = [...new Set(run.lanes.map((lane) => lane.family))];
  const lanes = families.map((family) => {
    const own = run.lanes.filter((lane) => lane.family === family);
    return {family, group: '', name: family === 'user' && own.length === 1 ? own[0].name : names[family]};
  });
  const places = run.places.map((place) => families.indexOf(run.lanes[place].family));
  return {lanes, places, hub: families.indexOf('hub')};
}

function directionOf(line) {
  if (line.action === 'sees') return 'from';
  const isOwn = line.lane.family === 'hub';
  return isOwn || line.action === 'decides' || line.action === 'gap' ? 'within' : 'to';
}

// "controller-manager/job" -> "job", "kubelet-sim/node-1" -> "kubelet node-1".
function shortName(who) {
  return who.replace('controller-manager/', '').replace('kubelet-sim/', 'kubelet ');
}

// "0 -> 3" as it is set in type.
function withArrows(text) {
  return text.replaceAll(' -> ', ' → ');
}

// What the search looks through.
function textOf(line) {
  if (line.text === undefined) {
    line.text = [line.who, line.action, line.object, line.rev ? 'rev ' + line.rev : '', ...(line.details || [])]
        .join(' ').toLowerCase();
  }
  return line.text;
}

// From then on a row says how much time passes: 5 s.
const LONG_PAUSE = 5e6;

// The story's lines, and the steps where they begin. A step is told by itself or together with those that began with it.
function rowsOf(run, lines) {
  const rows = [];
  let next = 0;
  const steps = (isBegun) => {
    const first = next;
    while (next < run.steps.length && isBegun(run.steps[next].from)) ++next;
    if (next > first) rows.push({steps: [first, next - 1], after: rows.length ? rows[rows.length - 1].line?.n : 0});
  };
  if (lines.length && run.steps.length && lines[0].t < run.steps[0].from) rows.push({title: 'The cluster starts'});
  let last = null;
  for (const line of lines) {
    if (last && line.t - last.t >= LONG_PAUSE) rows.push({pause: line.t - last.t, after: last.n});
    last = line;
    // What the scenario does belongs to the step that was running, also when the next one begins at that instant.
    steps((from) => from < line.t || (from === line.t && line.lane.family !== 'user'));
    rows.push({line});
  }
  steps(() => true);
  return rows;
}
