export class Board {
  constructor(host) { this.root = document.createElement("div"); this.root.style.cssText = "position:absolute;inset:0"; host.append(this.root); this.chartHost = this.root }
  panel() { return {show() {}, close() {}} }
  corner() {}
  close() { this.root.remove() }
}
