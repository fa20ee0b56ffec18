// The story as a sequence diagram: a lane for each actor, a row for each line.

class Story {
  constructor(page) {
    this.page = page;
    this.run = page.run;
    this.head = h('div', {class: 'lane-heads', 'aria-hidden': 'true'});
    this.list = h('ol', {class: 'rows'});
    this.rows = new Rows(this.list, (row) => this.heightOf(row), (row) => this.render(row));
    this.said = h('p', {class: 'said', role: 'status'});
    this.element = h('div', {class: 'diagram'}, this.head, this.list);
    this.chain = null;
    this.hovered = null;
    addEventListener('resize', () => this.layOut());
  }

  // Widths depend on the room there is; a phone has none for each actor, so that a program's parts share a lane.
  layOut() {
    const few = isNarrow() ? sharedLanes(this.run) : this.run;
    Object.assign(this, {lanes: few.lanes, places: few.places, hub: few.hub});
    const lanes = this.lanes.length;
    const room = this.element.clientWidth || 800;
    const most = isNarrow() ? 22 : 7 * rem(), least = isNarrow() ? 14 : 1.5 * rem();
    // The words need room too; number and time take theirs.
    const forLanes = isNarrow() ? 0.28 * room : Math.min(0.5 * room, room - 27 * rem());
    this.laneWidth = Math.floor(Math.max(least, Math.min(most, forLanes / lanes)));
    this.element.style.setProperty('--lanes', this.laneWidth * lanes + 'px');
    this.element.style.setProperty('--lane', this.laneWidth + 'px');
    // The longest word of a head must fit; else the heads are set smaller, then upright.
    const words = this.lanes.flatMap((lane) => lane.name.split(/(?<=-)/));
    const widest = (size) => Math.max(...words.map((word) => widthOf(word, 650, size * rem())));
    this.element.classList.toggle('is-snug', widest(0.8125) > this.laneWidth - 6);
    this.element.classList.toggle('is-tight', widest(0.75) > this.laneWidth - 4);
    replace(this.head, h('div', {class: 'heads'}, this.groups(), this.lanes.map((lane, place) => {
      const head = h('div', {class: 'lane-head', 'data-family': lane.family}, h('span', {class: 'name'}, lane.name));
      head.style.gridColumn = place + 1;
      return head;
    })));
    this.rows.measure();
  }

  // One name over all lanes of a program.
  groups() {
    const groups = [];
    this.lanes.forEach((lane, place) => {
      const last = groups[groups.length - 1];
      if (last && last.name === lane.group) ++last.span;
      else groups.push({name: lane.group, place, span: 1});
    });
    return groups.filter((group) => group.name).map((group) => {
      const room = group.span * this.laneWidth - 10;
      const names = [group.name, {'controller-manager': 'controllers', 'kubelet-sim': 'kubelets'}[group.name] || ''];
      const element = h('div', {class: 'group', title: group.name},
          names.find((name) => widthOf(name, 400, 0.75 * rem()) <= room) || '');
      element.style.gridColumn = (group.place + 1) + ' / span ' + group.span;
      return element;
    });
  }

  show(lines) {
    this.shown = lines;
    this.rows.set(rowsOf(this.run, lines));
    this.indexOf = new Map();
    this.rows.rows.forEach((row, index) => row.line && this.indexOf.set(row.line.n, index));
  }

  heightOf(row) {
    if (row.pause) return Math.round(2 * rem());
    if (!row.line) return Math.round((isNarrow() ? 4 : 2.75) * rem());
    return Math.round((isNarrow() ? 5.6 : 3.25) * rem());
  }

  render(row) {
    return row.line ? this.renderLine(row.line) : this.renderSteps(row);
  }

  renderSteps(row) {
    const through = this.isThrough(row) ? ' rail-through' : '';
    if (row.pause) return h('li', {class: 'pause' + through}, h('span', null, spell(row.pause) + ' pass'));
    if (row.title) return h('li', {class: 'step-row'}, h('span', {class: 'step-text'}, row.title));
    // The last one is what the lines below are about; those before it were over at once.
    const [first, last] = row.steps, step = this.run.steps[last];
    const name = first === last ? 'Step ' + (last + 1) : 'Steps ' + (first + 1) + '–' + (last + 1);
    const bad = this.run.steps.slice(first, last + 1).some((one) => one.verdict !== 'passed');
    return h('li', {class: 'step-row' + through, id: 'step-' + (last + 1), 'data-state': bad ? 'failed' : null},
        h('span', {class: 'step-name'}, name), h('span', {class: 'step-text'}, step.text),
        h('span', {class: 'step-time'}, clock(step.from)));
  }

  renderLine(line) {
    const mark = this.markOf(line);
    // Of a decision the end says what came of it.
    const told = line.details || [], isDecision = line.action === 'decides' && told.length > 1;
    const details = isDecision ? [told[told.length - 1], ...told.slice(0, -1)] : told;
    return h('li', {class: 'row ' + mark, id: 'line-' + line.n, 'data-n': line.n},
        h('button', {
          type: 'button', class: 'hit', 'aria-current': mark.includes('is-chosen') ? 'true' : null,
          onclick: () => this.page.choose(line), onpointerenter: (event) => this.hover(event, line),
          onpointerleave: (event) => this.hover(event, null),
        },
        h('span', {class: 'rail', 'aria-hidden': 'true'}), h('span', {class: 'n'}, line.n),
        h('span', {class: 't'}, clock(line.t)), this.drawing(line),
        h('span', {class: 'words'},
            h('span', {class: 'sentence'}, this.sentence(line)),
            h('span', {class: 'gist'}, details.map(withArrows).join(' · ')))));
  }

  sentence(line) {
    const lane = line.lane, isShared = this.run.places.filter((place) => this.run.lanes[place] === lane).length > 1;
    return [
      h('span', {class: 'who' + (isShared ? ' is-shared' : ''), 'data-family': lane.family}, shortName(line.who)), ' ',
      h('b', {class: 'verb', 'data-verb': line.code ? 'refused' : line.action}, line.action), ' ',
      // Most objects are in this namespace: the row has better use for the room.
      h('span', {class: 'object'}, line.object.replace('/default/', '/')),
      line.rev ? h('span', {class: 'rev'}, ' → rev ' + line.rev) : null,
      line.code ? h('span', {class: 'refused'}, ' refused: ' + line.code) : null,
    ];
  }

  drawing(line) {
    const width = this.laneWidth * this.lanes.length, height = this.heightOf({line}), y = height / 2;
    const middle = (place) => (place + 0.5) * this.laneWidth;
    const from = middle(this.places[line.actor]), hub = middle(this.hub);
    const picture = s('svg', {class: 'lanes', width, height, 'aria-hidden': 'true', 'data-family': line.lane.family});
    this.lanes.forEach((lane, place) => picture.append(
        s('line', {class: 'life', 'data-family': lane.family, x1: middle(place), x2: middle(place), y1: 0, y2: height})));
    const way = directionOf(line);
    if (way === 'within') {
      const half = Math.min(9, this.laneWidth / 3);
      const d = `M${from - half} ${y}L${from} ${y - half}L${from + half} ${y}L${from} ${y + half}Z`;
      picture.append(s('path', {class: 'thought', d}));
      return picture;
    }
    const [a, b] = way === 'from' ? [hub, from] : [from, hub];
    const side = b > a ? 1 : -1, head = isNarrow() ? 5 : 8, tip = b - side * 4;
    picture.append(
        s('line', {class: 'arrow ' + way + (line.action === 'event' ? ' is-event' : ''), x1: a, x2: tip - side * head, y1: y, y2: y}),
        s('circle', {class: 'tail', cx: a, cy: y, r: isNarrow() ? 2.5 : 3.5}));
    picture.append(line.code ?
        s('path', {class: 'cross', d: `M${tip - 10} ${y - 5}L${tip} ${y + 5}M${tip} ${y - 5}L${tip - 10} ${y + 5}`}) :
        s('path', {class: 'point', d: `M${tip} ${y}L${tip - side * head} ${y - head / 1.7}L${tip - side * head} ${y + head / 1.7}Z`}));
    return picture;
  }

  // Which part a line has in the chain that is looked at.
  markOf(line) {
    const chain = this.hovered || this.chain;
    if (!chain) return '';
    if (line.n === chain.line.n) return 'in-chain is-chosen' + this.rail(line, chain);
    if (chain.before.has(line.n)) return 'in-chain is-before' + this.rail(line, chain);
    if (chain.after.has(line.n)) return 'in-chain is-after' + this.rail(line, chain);
    return 'off-chain' + this.rail(line, chain);
  }

  isThrough(row) {
    const chain = this.hovered || this.chain;
    return Boolean(chain && row.after >= chain.first && row.after < chain.last);
  }

  rail(line, chain) {
    let mark = '';
    if (line.n > chain.first && line.n <= chain.last) mark += ' rail-up';
    if (line.n >= chain.first && line.n < chain.last) mark += ' rail-down';
    return mark;
  }

  hover(event, line) {
    if (event.pointerType !== 'mouse') return;
    this.hovered = line && line !== (this.chain && this.chain.line) ? chainOf(line) : null;
    this.paint();
  }

  choose(line) {
    this.chain = line ? chainOf(line) : null;
    this.hovered = null;
    this.paint();
  }

  // Only classes change: the elements keep focus and place.
  paint() {
    this.list.classList.toggle('has-chain', Boolean(this.chain || this.hovered));
    for (const [index, element] of this.rows.live) {
      const row = this.rows.rows[index], line = row.line;
      if (!line) {
        element.classList.toggle('rail-through', this.isThrough(row));
        continue;
      }
      const mark = this.markOf(line);
      element.className = 'row ' + mark;
      const button = element.firstChild;
      if (this.chain && this.chain.line === line) button.setAttribute('aria-current', 'true');
      else button.removeAttribute('aria-current');
    }
  }

  reveal(line, hasFocus) {
    const index = this.indexOf.get(line.n);
    if (index === undefined) return false;
    const element = this.rows.reveal(index);
    if (element && hasFocus) element.firstChild.focus({preventScroll: true});
    return true;
  }

  revealStep(number) {
    const index = this.rows.rows.findIndex((row) => row.steps && row.steps[1] >= number - 1);
    if (index >= 0) this.rows.reveal(index, true);
  }
}
