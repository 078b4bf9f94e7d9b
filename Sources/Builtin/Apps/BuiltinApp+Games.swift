extension BuiltinApp {
    static let memory = BuiltinApp(
        title: "Find the pairs",
        words: [
            "game", "play", "memory", "puzzle", "pair", "match", "kid", "children", "fun", "card",
        ],
        html: """
            <main>
              <h1>{title}</h1>
              <p id="count" role="status"></p>
              <div id="cards"></div>
              <button id="again" class="main">Shuffle</button>
            </main>
            """,
        css: """
            #cards { display: grid; grid-template-columns: repeat(4, 1fr); gap: 0.5rem; margin-bottom: 1rem; }

            #cards button {
              min-height: 4.2rem;
              padding: 0;
              border-color: var(--accent);
              background: var(--accent);
              color: transparent;
              font-size: 1.8rem;
            }

            #cards button.open { background: var(--card); color: var(--accent); }
            #cards button.found { border-color: var(--line); color: var(--soft); }
            """,
        javaScript: """
            const shapes = {
              '▲': 'triangle', '●': 'circle', '■': 'square', '◆': 'diamond', '★': 'star', '♥': 'heart',
            };
            const board = document.querySelector('#cards');
            let open = [];
            let found = 0;
            let moves = 0;

            function count() {
              const all = Object.keys(shapes).length;
              document.querySelector('#count').textContent =
                found === all ? `All found in ${moves} moves` : `${found} of ${all} pairs, ${moves} moves`;
            }

            function turn(card, isOpen) {
              card.classList.toggle('open', isOpen);
              card.textContent = isOpen ? card.dataset.shape : '';
              card.setAttribute('aria-label', isOpen ? shapes[card.dataset.shape] : card.dataset.name);
            }

            function choose(card) {
              if (card.classList.contains('open')) return;
              if (open.length === 2) {
                for (const other of open) turn(other, false);
                open = [];
              }
              turn(card, true);
              open.push(card);
              if (open.length < 2) return;
              moves += 1;
              if (open[0].dataset.shape === open[1].dataset.shape) {
                found += 1;
                for (const other of open) other.classList.add('found');
                open = [];
              }
              count();
            }

            function shuffle() {
              const deck = [...Object.keys(shapes), ...Object.keys(shapes)];
              for (let at = deck.length - 1; at > 0; at -= 1) {
                const other = Math.floor(Math.random() * (at + 1));
                [deck[at], deck[other]] = [deck[other], deck[at]];
              }
              open = [];
              found = moves = 0;
              board.replaceChildren(
                ...deck.map((shape, at) => {
                  const card = document.createElement('button');
                  card.dataset.shape = shape;
                  card.dataset.name = `Card ${at + 1}`;
                  turn(card, false);
                  card.addEventListener('click', () => choose(card));
                  return card;
                }),
              );
              count();
            }

            document.querySelector('#again').addEventListener('click', shuffle);
            shuffle();
            """)

    static let pixels = BuiltinApp(
        title: "Pixels",
        words: [
            "draw", "drawing", "paint", "painting", "sketch", "canvas", "pixel", "art", "picture",
            "colour", "color", "icon",
        ],
        html: """
            <main>
              <h1>{title}</h1>
              <p>Click or draw; with the keyboard, arrow keys and space.</p>
              <div id="grid" role="group" aria-label="The picture, ten by ten"></div>
              <div id="tools" role="group" aria-label="Colours"></div>
            </main>
            """,
        css: """
            #grid {
              display: grid;
              grid-template-columns: repeat(10, 1fr);
              width: min(100%, 15rem);
              margin: 0 auto 0.9rem;
              border: 1px solid var(--edge);
              touch-action: none;
            }

            #grid button {
              aspect-ratio: 1;
              min-height: 0;
              padding: 0;
              border: 1px solid var(--line);
              border-radius: 0;
            }

            #grid button:focus-visible { z-index: 1; }
            #tools { display: flex; flex-wrap: wrap; justify-content: center; gap: 0.5rem; }
            #tools button { width: 2.75rem; padding: 0; }
            #tools button.word { width: auto; padding: 0 1rem; }
            #tools [aria-pressed='true'] { outline: 3px solid var(--ink); outline-offset: 2px; }
            """,
        javaScript: """
            const size = 10;
            const colours = {
              blue: '#2f5be0', green: '#1a9a62', red: '#d8443a', yellow: '#f0b429', black: '#17191f',
            };
            const grid = document.querySelector('#grid');
            const tools = document.querySelector('#tools');
            let name = 'blue';
            let isDrawing = false;

            function paint(cell, erases) {
              const isEmpty = erases || name === 'white';
              cell.style.background = isEmpty ? '' : colours[name];
              cell.setAttribute('aria-label', `${cell.dataset.place}, ${isEmpty ? 'empty' : name}`);
            }

            const cells = Array.from({ length: size * size }, (_, at) => {
              const cell = document.createElement('button');
              cell.dataset.place = `Row ${Math.floor(at / size) + 1}, column ${(at % size) + 1}`;
              cell.tabIndex = at === 0 ? 0 : -1;
              paint(cell, true);
              cell.addEventListener('click', () => paint(cell));
              cell.addEventListener('keydown', (event) => {
                const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -size, ArrowDown: size }[event.key];
                const next = step && cells[at + step];
                if (!next) return;
                event.preventDefault();
                cell.tabIndex = -1;
                next.tabIndex = 0;
                next.focus();
              });
              return cell;
            });

            grid.append(...cells);
            grid.addEventListener('pointerdown', () => (isDrawing = true));
            addEventListener('pointerup', () => (isDrawing = false));
            grid.addEventListener('pointermove', (event) => {
              const cell = document.elementFromPoint(event.clientX, event.clientY);
              if (isDrawing && cells.includes(cell)) paint(cell);
            });

            function tool(label, act, colour) {
              const button = document.createElement('button');
              if (colour) {
                button.style.background = colour;
                button.setAttribute('aria-label', label);
                button.setAttribute('aria-pressed', label === name);
              } else {
                button.textContent = label;
                button.className = 'word';
              }
              button.addEventListener('click', () => act(button));
              tools.append(button);
            }

            for (const [label, colour] of Object.entries(colours)) {
              tool(label, (button) => {
                name = label;
                for (const other of tools.querySelectorAll('[aria-pressed]')) {
                  other.setAttribute('aria-pressed', other === button);
                }
              }, colour);
            }
            tool('Clear', () => cells.forEach((cell) => paint(cell, true)));

            // A heart to begin with.
            const heart = ['0110110', '1111111', '1111111', '0111110', '0011100', '0001000'];
            name = 'red';
            heart.forEach((row, y) =>
              [...row].forEach((bit, x) => bit === '1' && paint(cells[(y + 2) * size + x + 1])),
            );
            name = 'blue';
            """)
}
