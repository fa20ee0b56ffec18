// Puts the parts together: navigation, filter, keys, and the places that an address may name.

class Page {
  constructor(run, element, isOnly) {
    Object.assign(this, {run, isOnly});
    this.story = new Story(this);
    this.inspector = new Inspector(this);
    this.objects = new Objects(this);
    this.filter = new Filter(run, () => this.apply());
    this.frame = h('div', {class: 'story-frame'}, this.story.element, this.inspector.element);
    this.pods = h('div', {class: 'pods-body'});
    const left = run.linesLeftOut ? h('p', {class: 'note'}, 'To keep this page small, the last ' + count(run.linesLeftOut, 'line') +
        ' of the story are not on it; --report json=FILE has them.') : null;
    const part = (id, title, ...children) => h('section', {class: 'panel', id, 'aria-label': title}, h('h2', null, title), ...children);
    element.replaceChildren(
        part('story', 'Story', this.filter.element, h('div', {class: 'story-bar'}, this.filter.tally, hints()),
            left, this.frame),
        run.pods.length ? part('pods', 'Pods', this.pods) : '',
        part('objects', 'Objects', h('p', {class: 'lead'}, 'Every state of every object, as the difference from the one before. Leases, resource versions and managed fields are left out; the values of Secrets are hidden.'), this.objects.element));
    const steps = element.parentElement.querySelector('[data-part=steps]');
    steps.id = 'steps';
    for (const row of steps.querySelectorAll('tbody tr')) this.linkStep(row);
    this.story.layOut();
    this.apply();
  }

  linkStep(row) {
    const number = Number(row.dataset.step);
    if (number > this.run.steps.length) return;
    row.classList.add('is-link');
    const cell = row.querySelector('.number');
    cell.replaceChildren(h('a', {href: this.link('step-' + number)}, number));
    row.addEventListener('click', (event) => {
      if (!event.target.closest('a')) this.goTo('step-' + number, true);
    });
  }

  apply() {
    const lines = this.filter.lines();
    this.story.show(lines);
    this.filter.say(lines.length, this.run.lines.length);
    const pods = this.run.pods.filter((pod) => {
      const key = this.run.keys[pod.key];
      return this.filter.takes(key, this.run.objectOf.get(key));
    });
    replace(this.pods, pods.length ? podsTable(this, pods) : h('p', {class: 'quiet'}, 'Nothing here matches the filter.'));
    this.objects.show(this.run.objects.filter((object) => this.filter.takes(object.name, object)));
  }

  link(place) {
    return '#' + (this.isOnly ? '' : 'run-' + (this.run.place + 1) + '/') + place;
  }

  revisionLink(number, text) {
    const label = text || 'rev ' + number;
    return this.run.revisions.has(number) ? h('a', {href: this.link('rev-' + number)}, label) : label;
  }

  neighbours(line) {
    const place = this.story.shown.indexOf(line);
    return [this.story.shown[place - 1], this.story.shown[place + 1]];
  }

  choose(line, hasFocus) {
    if (line && this.story.chain && this.story.chain.line === line && !hasFocus) line = null;
    const wasOpen = Boolean(this.story.chain);
    this.story.choose(line);
    this.inspector.show(line);
    this.frame.classList.toggle('has-inspector', Boolean(line));
    if (wasOpen !== Boolean(line)) this.story.layOut();  // there is less room now, or more
    if (line) {
      this.story.reveal(line, hasFocus);
      history.replaceState(null, '', this.link('line-' + line.n));
    } else if (location.hash) {
      history.replaceState(null, '', this.link('story'));
    }
  }

  // j and k, or up and down: from the chosen line to its neighbours.
  move(by) {
    const shown = this.story.shown;
    const chosen = this.story.chain && shown.indexOf(this.story.chain.line);
    const next = chosen === null || chosen < 0 ? (by > 0 ? 0 : shown.length - 1) : chosen + by;
    if (shown[next]) this.choose(shown[next], true);
  }

  follow(isBack) {
    const chosen = this.story.chain && this.story.chain.line;
    const next = chosen && (isBack ? chosen.because : chosen.effects[0]);
    if (next) this.showLine(next);
  }

  // A line that the filter hides is shown by clearing the filter.
  showLine(line) {
    if (!this.story.indexOf.has(line.n)) {
      this.filter.element.reset();
      this.apply();
    }
    this.choose(line, true);
  }

  goTo(place, isAsked) {
    const [, kind, rest] = place.match(/^(line|rev|step)-(\d+)$/) || place.match(/^(object)\/(.+)$/) || [];
    if (isAsked) history.replaceState(null, '', this.link(place));
    if (kind === 'line' && this.run.byNumber.has(Number(rest))) return this.showLine(this.run.byNumber.get(Number(rest)));
    if (kind === 'step') return this.story.revealStep(Number(rest));
    if (kind === 'rev' && this.run.revisions.has(Number(rest))) {
      const {object, revision} = this.run.revisions.get(Number(rest));
      return this.openObject(object, revision);
    }
    if (kind === 'object' && this.run.objectOf.has(rest)) return this.openObject(this.run.objectOf.get(rest));
    const part = document.getElementById(place);
    if (part) part.scrollIntoView({behavior: isCalm() || !isAsked ? 'instant' : 'smooth'});
  }

  openObject(object, revision) {
    if (!this.objects.drawn.has(object) && this.filter.isOn()) {
      this.filter.element.reset();
      this.apply();
    }
    const element = this.objects.open(object, revision);
    if (!element) return;
    this.inspector.element.classList.remove('is-open');
    element.scrollIntoView({block: 'center', behavior: 'instant'});
    element.classList.add('is-found');
    (element.querySelector('summary') || element).focus({preventScroll: true});
  }
}

function start() {
  const data = JSON.parse(document.getElementById('data').textContent);
  const articles = [...document.querySelectorAll('article.run')];
  let page = null;
  function open(place) {
    articles.forEach((article, index) => {
      article.hidden = index !== place;
      if (index !== place) article.querySelector('.drawn').replaceChildren();
      if (index !== place) article.querySelector('[data-part=steps]').removeAttribute('id');
    });
    page = new Page(makeRun(data.runs[place], place), articles[place].querySelector('.drawn'), articles.length === 1);
    replace(document.querySelector('.parts'), [['steps', 'Steps'], ['story', 'Story'], ['pods', 'Pods'], ['objects', 'Objects']]
        .filter(([id]) => document.getElementById(id)).map(([id, name]) => h('li', null, h('a', {href: page.link(id)}, name))));
    const select = document.querySelector('.runs select');
    if (select) select.value = String(place);
  }
  if (articles.length > 1) {
    document.querySelector('.runs').append(h('label', null, h('span', {class: 'out-of-sight'}, 'Scenario'),
        h('select', {onchange: (event) => {
          location.hash = '#run-' + (Number(event.target.value) + 1) + '/story';
        }}, data.runs.map((run, index) => h('option', {value: index}, run.scenario + ': ' + run.verdict)))));
  }
  function visit() {
    const [, run, place] = decodeURIComponent(location.hash).match(/^#(?:run-(\d+)\/)?(.*)$/) || [];
    const wanted = Math.min(articles.length - 1, Math.max(0, Number(run || 1) - 1));
    if (!page || (run && wanted !== page.run.place)) open(wanted);
    if (place) page.goTo(place);
  }
  addEventListener('hashchange', visit);
  addEventListener('keydown', (event) => onKey(event, page));
  visit();
}

function onKey(event, page) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const isTyping = event.target.closest('input, select, textarea');
  if (event.key === 'Escape') {
    if (isTyping) event.target.blur();
    return page.choose(null);
  }
  if (isTyping) return;
  const isInStory = event.target.closest('.rows') || page.story.chain;
  const arrow = isInStory && {ArrowDown: 'j', ArrowUp: 'k', ArrowLeft: 'h', ArrowRight: 'l'}[event.key];
  const actions = {j: () => page.move(1), k: () => page.move(-1), h: () => page.follow(true), l: () => page.follow(false), '/': () => page.filter.search.focus()};
  const action = actions[arrow || event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

start();
