// The objects with all their states: who wrote each, why, and what it changed. What is closed is not drawn.

class Objects {
  constructor(page) {
    this.page = page;
    this.run = page.run;
    this.element = h('div', {class: 'objects'});
    this.drawn = new Map();  // object -> its element
    this.lists = [];
    this.told = new Set(this.run.lines.map((line) => line.key));
  }

  show(objects) {
    this.drawn.clear();
    this.lists = [];
    const kinds = new Map();
    for (const object of objects) {
      if (!kinds.has(object.resource)) kinds.set(object.resource, []);
      kinds.get(object.resource).push(object);
    }
    // What the story is about first; events are told there already.
    const rank = (kind) => (kind === 'pods' ? 0 : kind === 'events' ? 2 : 1);
    const order = [...kinds.keys()].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
    replace(this.element, this.leftOut(), order.map((kind) => this.kind(kind, kinds.get(kind))),
        objects.length ? null : h('p', {class: 'quiet'}, 'Nothing here matches the filter.'));
  }

  kind(name, objects) {
    const list = growing(objects, 40, (object) => this.object(object), 'object');
    this.lists.push([objects, list]);
    const isTold = name !== 'events' && objects.some((object) => this.told.has(object.name));
    const kind = h('details', {class: 'kind', open: isTold || this.page.filter.isOn()},
        h('summary', {class: 'kind-name'}, h('h3', null, name), h('span', {class: 'tally'}, this.tally(name, objects))), list);
    this.lists[this.lists.length - 1].push(kind);
    return kind;
  }

  // "300 of 1,000" when this page has not all of them.
  tally(name, objects) {
    const left = this.run.objectsLeftOut[name] || 0, shown = objects.length.toLocaleString('en');
    return left && !this.page.filter.isOn() ? shown + ' of ' + (objects.length + left).toLocaleString('en') : shown;
  }

  leftOut() {
    const entries = Object.entries(this.run.objectsLeftOut);
    if (!entries.length) return null;
    const kinds = entries.map(([kind, n]) => n.toLocaleString('en') + ' more ' + kind).join(', ');
    return h('p', {class: 'note'}, 'To keep this page small, these are not on it: ' + kinds + '.');
  }

  object(object) {
    const last = object.revisions[object.revisions.length - 1];
    const isGone = last && last.type === 'DELETED';
    const body = h('div', {class: 'object-body'});
    const details = h('details', {
      class: 'object-card',
      ontoggle: () => {
        if (details.open && !body.firstChild) body.append(...this.revisions(object));
      },
    }, h('summary', null, h('span', {class: 'object-name'}, object.short),
        h('span', {class: 'object-place'}, object.namespace),
        h('span', {class: 'object-tally'}, count(object.revisions.length, 'state')),
        h('span', {class: 'object-state', 'data-state': isGone ? 'gone' : null}, isGone ? 'deleted' : '')), body);
    this.drawn.set(object, {details, body});
    return details;
  }

  revisions(object) {
    const list = growing(object.revisions, 25, (revision) => this.revision(object, revision), 'state');
    const beats = object.heartbeats ? h('p', {class: 'quiet'}, count(object.heartbeats, 'heartbeat') + ' after that') : null;
    const left = object.leftOut ? h('p', {class: 'note'}, count(object.leftOut, 'later state') + ' are not on this page.') : null;
    this.drawn.get(object).list = list;
    return [list, beats, left].filter(Boolean);
  }

  revision(object, revision) {
    const line = this.run.byRevision.get(revision.rev);
    const verb = line && line.action !== 'event' ? line.action : revision.verb || '';
    const isUsers = revision.actor && familyOf(revision.actor) === 'user';
    const why = isUsers ? '' : revision.cause === 'timer' ? 'because of a timer' : revision.cause ? 'because of ' : '';
    const cause = why === 'because of ' ? this.page.revisionLink(Number(revision.cause), 'rev ' + revision.cause) : null;
    return h('article', {class: 'revision', id: 'rev-' + revision.rev, tabindex: '-1'},
        revision.heartbeats ? h('p', {class: 'quiet'}, count(revision.heartbeats, 'heartbeat') + ' in between') : null,
        h('h4', null, h('span', {class: 'rev-number'}, 'rev ' + revision.rev),
            h('span', {class: 'rev-time'}, revision.t === null ? 'before this run' : clock(revision.t)),
            revision.actor ? h('span', {class: 'who', 'data-family': familyOf(revision.actor)}, revision.actor) : null,
            h('b', {class: 'verb', 'data-verb': verb}, verb), h('span', {class: 'rev-why'}, why, cause),
            line ? h('a', {class: 'to-line', href: this.page.link('line-' + line.n)}, 'line ' + line.n) : null),
        revision.type === 'DELETED' ? h('p', {class: 'quiet'}, 'The object is gone.') :
            diffTable(this.run, revision.changes, 'What revision ' + revision.rev + ' changed in ' + object.name));
  }

  // Opens the object, and the state if one is given; the element to look at.
  open(object, revision) {
    for (const [objects, list, kind] of this.lists) {
      if (!objects.includes(object)) continue;
      kind.open = true;
      list.reveal(object);
    }
    const drawn = this.drawn.get(object);
    if (!drawn) return null;
    if (!drawn.body.firstChild) drawn.body.append(...this.revisions(object));
    drawn.details.open = true;
    if (!revision) return drawn.details;
    drawn.list.reveal(revision);
    return document.getElementById('rev-' + revision.rev) || drawn.details;
  }
}

function familyOf(actor) {
  const component = actor.split('/')[0];
  return {apiserver: 'hub', scheduler: 'scheduler', 'controller-manager': 'controller', 'kubelet-sim': 'kubelet'}[component] || 'user';
}
