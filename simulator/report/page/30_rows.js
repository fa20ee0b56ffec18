// A long list of which only what can be seen is in the document. Short ones are there as a whole.

const KEPT_WHOLE = 300;

class Rows {
  // `list` is an element; heightOf(row) and render(row) belong together.
  constructor(list, heightOf, render) {
    Object.assign(this, {list, heightOf, render, rows: [], tops: [0], live: new Map()});
    this.refresh = this.refresh.bind(this);
    addEventListener('scroll', () => this.later(), {passive: true});
    addEventListener('resize', () => this.measure());
  }

  later() {
    if (this.isAsked) return;
    this.isAsked = true;
    requestAnimationFrame(() => {
      this.isAsked = false;
      this.refresh();
    });
  }

  set(rows) {
    this.rows = rows;
    this.measure();
  }

  measure() {
    this.tops = [0];
    for (const row of this.rows) this.tops.push(this.tops[this.tops.length - 1] + this.heightOf(row));
    this.list.style.height = this.tops[this.rows.length] + 'px';
    this.redraw();
  }

  // Draws anew what is in the document.
  redraw() {
    this.live.clear();
    this.list.replaceChildren();
    this.refresh();
  }

  // The first row that ends below `y`.
  at(y) {
    let low = 0, high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.tops[middle + 1] <= y) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  refresh() {
    if (!this.list.isConnected) return;
    let first = 0, last = this.rows.length;
    if (this.rows.length > KEPT_WHOLE) {
      const top = this.list.getBoundingClientRect().top, spare = innerHeight;
      first = this.at(Math.max(0, -top - spare));
      last = Math.min(this.rows.length, this.at(innerHeight - top + spare) + 1);
    }
    for (const [index, element] of this.live) {
      if (index >= first && index < last) continue;
      if (element.contains(document.activeElement)) continue;
      element.remove();
      this.live.delete(index);
    }
    let after = null;
    for (let index = last - 1; index >= first; --index) {
      let element = this.live.get(index);
      if (!element) {
        element = this.render(this.rows[index]);
        element.style.top = this.tops[index] + 'px';
        element.style.height = this.tops[index + 1] - this.tops[index] + 'px';
        this.live.set(index, element);
        this.list.insertBefore(element, after);
      }
      after = element;
    }
  }

  // Scrolls until the row is well in sight; its element.
  reveal(index, isAlways) {
    const top = this.list.getBoundingClientRect().top + this.tops[index];
    const bar = 9 * rem();
    const floor = innerHeight - (isNarrow() ? innerHeight * 0.55 : 5 * rem());
    if (isAlways || top < bar || top > floor) scrollBy({top: top - innerHeight / 3, behavior: 'instant'});
    this.refresh();
    return this.live.get(index);
  }
}
