extension BuiltinApp {
    static let checklist = BuiltinApp(
        title: "Checklist",
        words: [
            "todo", "task", "list", "checklist", "shopping", "grocery", "groceries", "packing",
            "pack", "plan", "planner", "errand", "chore",
        ],
        html: """
            <main>
              <h1>{title}</h1>
              <p id="count" role="status"></p>
              <form id="form">
                <label class="hidden" for="text">What is to be done</label>
                <input id="text" maxlength="80" autocomplete="off" placeholder="Add something">
                <button class="main">Add</button>
              </form>
              <ul id="items"></ul>
            </main>
            """,
        css: """
            #items li {
              display: flex;
              align-items: center;
              gap: 0.75rem;
              padding: 0.25rem 0;
              border-bottom: 1px solid var(--line);
            }

            #items label { display: flex; flex: 1; align-items: center; gap: 0.75rem; min-height: 2.75rem; }
            #items input { width: 1.3rem; min-height: 1.3rem; accent-color: var(--accent); }
            #items button { border-color: transparent; background: none; color: var(--soft); }
            .done span { color: var(--soft); text-decoration: line-through; }
            """,
        javaScript: """
            const list = document.querySelector('#items');
            const text = document.querySelector('#text');
            let items = [
              { name: 'Tick this off', done: true },
              { name: 'Add a thing of your own', done: false },
              { name: 'Take out what is not needed', done: false },
            ];

            function show() {
              const rows = items.map((item) => {
                const row = document.createElement('li');
                const label = document.createElement('label');
                const box = document.createElement('input');
                const name = document.createElement('span');
                const remove = document.createElement('button');
                box.type = 'checkbox';
                box.checked = item.done;
                name.textContent = item.name;
                remove.textContent = '✕';
                remove.setAttribute('aria-label', `Take out ${item.name}`);
                row.className = item.done ? 'done' : '';
                box.addEventListener('change', () => {
                  item.done = box.checked;
                  row.className = item.done ? 'done' : '';
                  count();
                });
                remove.addEventListener('click', () => {
                  items = items.filter((other) => other !== item);
                  show();
                  text.focus();
                });
                label.append(box, name);
                row.append(label, remove);
                return row;
              });
              list.replaceChildren(...rows);
              count();
            }

            function count() {
              const done = items.filter((item) => item.done).length;
              document.querySelector('#count').textContent =
                items.length ? `${done} of ${items.length} done` : 'Nothing left to do';
            }

            document.querySelector('#form').addEventListener('submit', (event) => {
              event.preventDefault();
              const name = text.value.trim();
              if (!name) return;
              items.push({ name, done: false });
              text.value = '';
              show();
            });

            show();
            """)

    static let board = BuiltinApp(
        title: "A board for ideas",
        words: ["idea", "board", "note", "brainstorm", "vote", "wish", "feedback"],
        html: """
            <main>
              <h1>{title}</h1>
              <p>Write down what comes to mind, and vote for what is best.</p>
              <form id="form">
                <label class="hidden" for="text">An idea</label>
                <input id="text" maxlength="120" autocomplete="off" placeholder="An idea">
                <button class="main">Add</button>
              </form>
              <ul id="ideas"></ul>
              <p id="news" class="hidden" role="status"></p>
            </main>
            """,
        css: """
            #ideas { display: grid; gap: 0.6rem; }

            #ideas li {
              display: flex;
              align-items: center;
              gap: 0.75rem;
              padding: 0.6rem 0.6rem 0.6rem 1rem;
              border: 1px solid var(--line);
              border-radius: 0.9rem;
              background: var(--card);
            }

            #ideas span { flex: 1; overflow-wrap: anywhere; }
            #ideas button { min-width: 4rem; color: var(--accent); }
            """,
        javaScript: """
            const list = document.querySelector('#ideas');
            const text = document.querySelector('#text');
            const ideas = [
              { name: 'Begin with the smallest thing that works', votes: 3 },
              { name: 'Ask somebody who has never seen it', votes: 2 },
              { name: 'Leave one thing out', votes: 1 },
            ];

            function show(focused) {
              ideas.sort((a, b) => b.votes - a.votes);
              const rows = ideas.map((idea) => {
                const row = document.createElement('li');
                const name = document.createElement('span');
                const vote = document.createElement('button');
                name.textContent = idea.name;
                vote.textContent = `▲ ${idea.votes}`;
                vote.setAttribute('aria-label', `Vote for ${idea.name}, ${idea.votes} so far`);
                vote.addEventListener('click', () => {
                  idea.votes += 1;
                  document.querySelector('#news').textContent = `${idea.votes} votes for ${idea.name}`;
                  show(idea);
                });
                row.append(name, vote);
                return row;
              });
              list.replaceChildren(...rows);
              if (focused) rows[ideas.indexOf(focused)].querySelector('button').focus();
            }

            document.querySelector('#form').addEventListener('submit', (event) => {
              event.preventDefault();
              const name = text.value.trim();
              if (!name) return;
              ideas.push({ name, votes: 0 });
              text.value = '';
              show();
            });

            show();
            """)

    static let habits = BuiltinApp(
        title: "A week of good habits",
        words: [
            "habit", "track", "tracker", "water", "workout", "mood", "streak", "journal", "diary",
            "fitness", "exercise", "week",
        ],
        html: """
            <main>
              <h1>{title}</h1>
              <p id="count" role="status"></p>
              <table>
                <thead><tr id="days"><th><span class="hidden">Habit</span></th></tr></thead>
                <tbody id="habits"></tbody>
              </table>
              <form id="form">
                <label class="hidden" for="text">Another habit</label>
                <input id="text" maxlength="24" autocomplete="off" placeholder="Another habit">
                <button class="main">Add</button>
              </form>
            </main>
            """,
        css: """
            table { width: 100%; margin-bottom: 1rem; border-collapse: collapse; }
            th { padding: 0.2rem 0; color: var(--soft); font-size: 0.85rem; font-weight: 600; }
            tbody th { max-width: 6rem; text-align: left; color: var(--ink); overflow-wrap: anywhere; }
            td { padding: 0.15rem; text-align: center; }

            td button {
              width: 2rem;
              height: 2rem;
              min-height: 0;
              vertical-align: middle;
              padding: 0;
              border-radius: 50%;
            }

            td button[aria-pressed='true'] {
              background: var(--accent);
              border-color: var(--accent);
              color: var(--on-accent);
            }
            """,
        javaScript: """
            const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
            const text = document.querySelector('#text');
            let done = 0;
            let all = 0;

            for (const day of days) {
              const head = document.createElement('th');
              head.textContent = day[0];
              head.title = day;
              document.querySelector('#days').append(head);
            }

            function count() {
              document.querySelector('#count').textContent = `${done} of ${all} this week`;
            }

            function add(name, marks) {
              const row = document.createElement('tr');
              const head = document.createElement('th');
              head.scope = 'row';
              head.textContent = name;
              row.append(head);
              days.forEach((day, at) => {
                const cell = document.createElement('td');
                const mark = document.createElement('button');
                const set = (isDone) => {
                  mark.setAttribute('aria-pressed', isDone);
                  mark.textContent = isDone ? '✓' : '';
                };
                mark.setAttribute('aria-label', `${name} on ${day}`);
                set(at < marks);
                mark.addEventListener('click', () => {
                  const isDone = mark.getAttribute('aria-pressed') !== 'true';
                  done += isDone ? 1 : -1;
                  set(isDone);
                  count();
                });
                cell.append(mark);
                row.append(cell);
              });
              document.querySelector('#habits').append(row);
              done += marks;
              all += days.length;
              count();
            }

            add('Water', 3);
            add('A walk', 2);
            add('Reading', 0);

            document.querySelector('#form').addEventListener('submit', (event) => {
              event.preventDefault();
              const name = text.value.trim();
              if (!name) return;
              add(name, 0);
              text.value = '';
            });
            """)
}
