// What is known of the line that was chosen: why it happened, what came of it, what it changed.

function valueText(value) {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

// The differences of one revision as a table; long ones are folded.
function diffTable(run, changes, caption) {
  if (!changes.length) return h('p', {class: 'quiet'}, 'No field differs.');
  const kept = 14;
  const table = h('table', {class: 'diff'}, h('caption', {class: 'out-of-sight'}, caption),
      h('thead', {class: 'out-of-sight'}, h('tr', null, h('th', {scope: 'col'}, 'Field'), h('th', {scope: 'col'}, 'Change'))));
  const body = h('tbody');
  table.append(body);
  const add = (list) => list.forEach((change) => body.append(diffRow(run, change)));
  add(changes.length > kept + 4 ? changes.slice(0, kept) : changes);
  if (changes.length <= kept + 4) return table;
  const rest = changes.slice(kept);
  const more = h('button', {
    type: 'button', class: 'more',
    onclick: () => {
      add(rest);
      more.remove();
    },
  }, 'Show ' + count(rest.length, 'more field'));
  return h('div', null, table, more);
}

function diffRow(run, [path, kind, ...values]) {
  const cell = h('td');
  if (kind !== 'added') cell.append(h('del', null, h('span', {class: 'sign', 'aria-label': 'before'}, '−'), h('span', null, valueText(values[0]))));
  if (kind !== 'removed') {
    cell.append(h('ins', null, h('span', {class: 'sign', 'aria-label': 'after'}, '+'), h('span', null, valueText(values[values.length - 1]))));
  }
  return h('tr', {'data-kind': kind}, h('th', {scope: 'row'}, breakable(run.paths[path])), cell);
}

// A path may be broken behind a point or before a bracket.
function breakable(path) {
  return path.split(/(?<=\.)|(?=\[)/).flatMap((part, index) => (index ? [h('wbr'), part] : [part]));
}

function hints() {
  const key = (name, what) => h('div', null, h('dt', null, name.split(' ').map((one) => h('kbd', null, one))), h('dd', null, what));
  return h('details', {class: 'hints'}, h('summary', null, 'How to read it'),
      h('p', null, 'Time runs downwards. A full arrow is a request to the API server, a broken one what a watch brings; ' +
          'a diamond is a decision that an actor takes by itself, a cross a request that was refused. The lane “process” ' +
          'is a program itself: all its parts share its watches.'),
      h('p', null, 'Choose a line to see why it happened, what followed from it, and which fields it changed.'),
      h('dl', {class: 'keys'}, key('j k', 'next and previous line'), key('h l', 'to its cause, to its first effect'),
          key('/', 'search'), key('Esc', 'let go')));
}

class Inspector {
  constructor(page) {
    this.page = page;
    this.run = page.run;
    this.element = h('aside', {class: 'inspector', 'aria-label': 'The chosen line'});
    this.show(null);
  }

  show(line) {
    this.element.classList.toggle('is-open', Boolean(line));
    replace(this.element, line ? this.about(line) : null);
    this.element.scrollTop = 0;
  }

  about(line) {
    const story = this.page.story;
    const move = (to, name, text) => h('button', {
      type: 'button', class: 'step-button', disabled: !to, 'aria-label': name, title: name, onclick: () => to && this.page.choose(to, true),
    }, text);
    const [before, after] = this.page.neighbours(line);
    return [
      h('div', {class: 'inspector-bar'}, h('span', {class: 'eyebrow'}, 'Line ' + line.n + ' · ' + clock(line.t)),
          move(before, 'Previous line', '↑'), move(after, 'Next line', '↓'),
          h('button', {type: 'button', class: 'step-button', 'aria-label': 'Close', title: 'Close', onclick: () => this.page.choose(null)}, '✕')),
      h('h3', {class: 'inspector-title'}, h('span', {class: 'who', 'data-family': line.lane.family}, line.who), ' ',
          h('b', {class: 'verb', 'data-verb': line.code ? 'refused' : line.action}, line.action), ' ',
          h('span', {class: 'object'}, line.object), line.rev ? h('span', {class: 'rev'}, ' → rev ' + line.rev) : null),
      this.causes(line), this.effects(line), this.details(line), this.stages(line), this.changes(line),
    ];
  }

  linkTo(line) {
    return h('a', {
      class: 'line-link', href: this.page.link('line-' + line.n),
      onclick: (event) => {
        event.preventDefault();
        this.page.choose(line, true);
      },
    }, h('span', {class: 'n'}, line.n), h('span', null, h('span', {class: 'who', 'data-family': line.lane.family}, line.who), ' ', line.action, ' ', line.object));
  }

  causes(line) {
    const because = line.because;
    let text = null;
    if (line.isContinued) text = 'A timer that this actor had set. Before that it did:';
    else if (line.cause === 'timer') text = 'A timer fired.';
    else if (line.cause && !because) text = 'Revision ' + line.cause + ', which the story does not tell of.';
    else if (!because && line.lane.family === 'user') text = 'The scenario, or whoever drives the cluster.';
    if (!text && !because) return null;
    return h('section', null, h('h4', null, 'Because of'), text ? h('p', null, text) : null,
        because ? this.linkTo(because) : null,
        line.cause && !because && this.run.revisions.has(Number(line.cause)) ? this.page.revisionLink(Number(line.cause)) : null);
  }

  effects(line) {
    if (!line.effects.length) return null;
    return h('section', null, h('h4', null, 'What followed'), growing(line.effects, 6, (effect) => this.linkTo(effect), 'line'));
  }

  details(line) {
    if (!line.details || !line.details.length) return null;
    return h('section', null, h('h4', null, line.action === 'decides' ? 'How it decided' : 'In words'),
        h('ul', {class: 'details'}, line.details.map((detail) => h('li', null, withArrows(detail)))));
  }

  stages(line) {
    if (!line.stages) return null;
    const most = Math.max(1, ...line.stages.map(([, us]) => us));
    return h('section', null, h('h4', null, 'Through the API server'),
        h('table', {class: 'stages'}, h('caption', {class: 'out-of-sight'}, 'The stages of this request and what each took'),
            h('tbody', null, line.stages.map(([name, us]) => {
              const bar = h('span', {class: 'took'});
              bar.style.width = Math.max(1.5, 100 * us / most) + '%';
              return h('tr', null, h('th', {scope: 'row'}, name.replace('mutating-admission/', '')),
                  h('td', {class: 'number'}, duration(us)), h('td', {class: 'bars', 'aria-hidden': 'true'}, bar));
            }))));
  }

  changes(line) {
    if (!line.rev) return null;
    const found = this.run.revisions.get(line.rev);
    if (!found) return h('section', null, h('h4', null, 'Fields'), h('p', {class: 'quiet'}, 'The states of this object are not on this page.'));
    const {object, index, revision} = found;
    const previous = index > 0 ? object.revisions[index - 1].rev : 0;
    const title = revision.type === 'DELETED' ? 'Removed' : previous ? 'Fields, rev ' + previous + ' → ' + line.rev : 'Fields of the new object';
    return h('section', null, h('h4', null, title),
        revision.type === 'DELETED' ? h('p', null, 'The object is gone.') :
            diffTable(this.run, revision.changes, 'What revision ' + line.rev + ' changed'),
        h('p', null, this.page.revisionLink(line.rev, 'All states of ' + object.name)));
  }
}
