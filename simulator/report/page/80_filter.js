// What of the run is looked at: by actor, namespace, object and words.

class Filter {
  constructor(run, changed) {
    this.run = run;
    const all = (name) => h('option', {value: ''}, name);
    const options = (values) => values.map((value) => h('option', {value}, value));
    const names = [...new Set(run.lines.map((line) => line.who))].sort();
    const spaces = [...new Set([...run.lines.map((line) => line.namespace), ...run.objects.map((object) => object.namespace)])]
        .filter(Boolean).sort();
    this.actor = h('select', {name: 'actor'}, all('all actors'), options(names));
    this.namespace = h('select', {name: 'namespace'}, all('all namespaces'), options(spaces));
    this.object = h('input', {name: 'object', list: 'known-objects', placeholder: 'pods/default/web', autocomplete: 'off', spellcheck: 'false'});
    this.search = h('input', {name: 'search', type: 'search', placeholder: 'any words', autocomplete: 'off', spellcheck: 'false'});
    this.tally = h('p', {class: 'tally-line', role: 'status'});
    this.clear = h('button', {type: 'reset', class: 'plain'}, 'Clear');
    const field = (name, control) => h('label', null, h('span', null, name), control);
    const known = h('datalist', {id: 'known-objects'}, options(run.keys.slice(0, 400)));
    this.element = h('form', {class: 'filter', role: 'search', 'aria-label': 'Filter', onsubmit: (event) => event.preventDefault()},
        field('Actor', this.actor), field('Namespace', this.namespace), field('Object', this.object), known,
        field('Search', this.search), this.clear);
    let wait = 0;
    this.element.addEventListener('input', () => {
      clearTimeout(wait);
      wait = setTimeout(changed, 120);
    });
    this.element.addEventListener('reset', () => setTimeout(changed, 0));
  }

  words() {
    return this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
  }

  isOn() {
    return Boolean(this.actor.value || this.namespace.value || this.object.value.trim() || this.words().length);
  }

  lines() {
    const words = this.words(), object = this.object.value.trim();
    return this.run.lines.filter((line) => (!this.actor.value || line.who === this.actor.value) &&
        (!this.namespace.value || line.namespace === this.namespace.value) && (!object || line.key.includes(object)) &&
        words.every((word) => textOf(line).includes(word)));
  }

  // For pods and objects an actor counts when it wrote one of the states.
  takes(key, object) {
    const wanted = this.object.value.trim();
    if (this.namespace.value && partsOf(key).namespace !== this.namespace.value) return false;
    if (wanted && !key.includes(wanted)) return false;
    if (this.actor.value && !(object && object.revisions.some((revision) => revision.actor === this.actor.value))) return false;
    return this.words().every((word) => key.toLowerCase().includes(word) ||
        (object && object.revisions.some((revision) => 'rev ' + revision.rev === word || (revision.actor || '').includes(word))));
  }

  say(shown, all) {
    this.tally.textContent = this.isOn() ? shown.toLocaleString('en') + ' of ' + count(all, 'line') : count(all, 'line');
    this.clear.hidden = !this.isOn();
  }
}
