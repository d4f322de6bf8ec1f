#!/usr/bin/env python3
"""Writes the churn demo's data: customers of a telecom subscription over 24 months, dirty as real data are.

    generate_churn.py [--customers 5000] [--seed 11] [--to .]

    raw/crm.sqlite                        table `accounts`: what the customer database holds today
    raw/inbox/usage_YYYY-MM.csv           one line a customer and month
    raw/inbox/invoices_YYYY-MM.csv        one line an invoice
    scripts/demo/tickets.ndjson           what `wh demo serve-tickets` answers with

The same arguments give the same files. Memory: some 300 bytes a customer, and a month of lines.

What is true in the data, so that there is something to find: each customer has a dissatisfaction that drifts from
month to month; it makes them use less, call support more and rate it worse, pay late, and leave. Monthly contracts,
fibre without security and a short tenure add to it; long contracts hold.

What is wrong in the data, on purpose: `total_charges` blank for new customers; "No internet service" as a third
level of yes and no; accounts entered twice under another number; sign-up dates in three shapes; impossible ages;
months of usage that arrive a month late, customers a month forgot, one month of usage never delivered; invoices
doubled, with `$`, with a thousands separator, and some without an amount.
"""

import argparse
import json
import math
import random
import sqlite3
from datetime import date, datetime, timedelta
from pathlib import Path

FIRST_YEAR, FIRST_MONTH, MONTHS = 2024, 11, 24
NEVER_DELIVERED = 13                    # the month of usage that nobody sent
LATE = 0.02                             # usage lines that arrive a month late
FORGOTTEN = 0.01
CONTRACTS = [("Month-to-month", 0.55, 0.55), ("One year", 0.24, -1.0), ("Two year", 0.21, -2.2)]
INTERNET = [("Fiber optic", 0.44, 0.45), ("DSL", 0.36, 0.0), ("No", 0.20, -0.7)]
PAYMENT = [("Electronic check", 0.33, 0.3), ("Mailed check", 0.23, 0.0), ("Bank transfer", 0.22, -0.2), ("Credit card", 0.22, -0.2)]
REGIONS = ["North", "South", "East", "West", "Centre"]
CATEGORIES = ["billing", "outage", "speed", "contract", "device"]


def month_start(n):
    months = FIRST_YEAR * 12 + FIRST_MONTH - 1 + n
    return date(months // 12, months % 12 + 1, 1)


STARTS = [month_start(n) for n in range(MONTHS + 1)]
NAMES = [f"{day:%Y-%m}" for day in STARTS]
LENGTHS = [(STARTS[n + 1] - STARTS[n]).days for n in range(MONTHS)]


def pick(rnd, levels):
    u = rnd.random()
    for level in levels:
        u -= level[1]
        if u < 0:
            return level
    return levels[-1]


class Customer:
    """A customer: what they are, and what becomes of them from month to month."""

    def __init__(self, rnd, number):
        self.id = f"C{number:06d}"
        self.contract = pick(rnd, CONTRACTS)
        self.internet = pick(rnd, INTERNET)
        self.payment = pick(rnd, PAYMENT)
        online = self.internet[0] != "No"
        addon = lambda p: ("Yes" if rnd.random() < p else "No") if online else "No internet service"
        self.security, self.backup, self.streaming = addon(0.38), addon(0.42), addon(0.5)
        self.paperless = "Yes" if rnd.random() < 0.6 else "No"
        self.senior = rnd.random() < 0.16
        self.age = rnd.randint(66, 88) if self.senior else rnd.randint(19, 65)
        self.gender = "Female" if rnd.random() < 0.5 else "Male"
        self.region = rnd.choice(REGIONS)
        self.price = round(
            20 + (45 if self.internet[0] == "Fiber optic" else 25 if online else 0)
            + 6 * (self.security == "Yes") + 6 * (self.backup == "Yes") + 10 * (self.streaming == "Yes")
            + rnd.uniform(-2, 8), 2)
        # Two in three were there before the first month, the others come during it.
        if rnd.random() < 0.66:
            days = int(rnd.expovariate(1 / 700)) + 30
            self.signup = STARTS[0] - timedelta(days=min(days, 2200))
            self.first = 0
        else:
            self.first = rnd.randrange(MONTHS - 1)
            self.signup = STARTS[self.first] + timedelta(days=rnd.randrange(LENGTHS[self.first]))
        self.mood = rnd.gauss(-0.2, 0.8)
        self.habit = math.exp(rnd.gauss(0, 0.45))
        self.cancelled = None
        self.charged = max(0, (STARTS[0] - self.signup).days // 30) * self.price
        self.changed = datetime.combine(self.signup, datetime.min.time())

    def hazard(self, day):
        tenure = (day - self.signup).days / 30
        x = -3.65 + self.contract[2] + self.internet[2] + self.payment[2] + 1.35 * self.mood
        x += 0.35 * (self.security == "No") + 0.25 * self.senior - 0.25 * math.log1p(max(tenure, 0))
        return 1 / (1 + math.exp(-x))


def money(rnd, amount):
    u = rnd.random()
    if u < 0.004:
        return ""
    if u < 0.06:
        return f"\"${amount:,.2f}\"" if amount >= 1000 else f"${amount:.2f}"
    return f"{amount:.2f}"


def any_date(rnd, day):
    u = rnd.random()
    return f"{day:%d.%m.%Y}" if u < 0.12 else f"{day:%m/%d/%Y}" if u < 0.25 else f"{day:%Y-%m-%d}"


def stamp(day, rnd):
    return datetime(day.year, day.month, day.day, rnd.randint(7, 21), rnd.randrange(60), rnd.randrange(60))


class Writer:
    """Plays the months and writes what each leaves."""

    def __init__(self, rnd, to):
        self.rnd, self.to, self.late, self.tickets, self.n_invoices = rnd, to, [], 0, 0
        (to / "raw/inbox").mkdir(parents=True, exist_ok=True)
        (to / "scripts/demo").mkdir(parents=True, exist_ok=True)
        self.ticket_file = (to / "scripts/demo/tickets.ndjson").open("w", encoding="utf-8")

    def month(self, n, customers):
        inbox, name = self.to / "raw/inbox", NAMES[n]
        usage, self.late = self.late, []
        invoices, tickets = [], []
        for customer in customers:
            if customer.first <= n and customer.cancelled is None:
                self.live(customer, n, usage, invoices, tickets)
        if n != NEVER_DELIVERED:
            with (inbox / f"usage_{name}.csv").open("w", encoding="utf-8", newline="") as out:
                out.write("customer_id,month,active_days,sessions,call_minutes,data_gb\n")
                out.writelines(usage)
        with (inbox / f"invoices_{name}.csv").open("w", encoding="utf-8", newline="") as out:
            out.write("invoice_id,customer_id,issued_on,due_on,amount,paid_on\n")
            out.writelines(invoices)
        for at, ticket in sorted(tickets, key=lambda item: item[0]):
            self.tickets += 1
            record = {"ticket_id": f"T{self.tickets:07d}", **ticket}
            self.ticket_file.write(json.dumps(record, separators=(",", ":")) + "\n")

    def live(self, customer, n, usage, invoices, tickets):
        rnd, start, days = self.rnd, STARTS[n], LENGTHS[n]
        customer.mood = 0.86 * customer.mood + rnd.gauss(0, 0.5)
        day = None
        if (n > customer.first or customer.signup < STARTS[0]) and rnd.random() < customer.hazard(start):
            day = start + timedelta(days=rnd.randrange(days))
        part = (day - start).days / days if day else 1.0
        will = customer.habit * math.exp(-0.33 * customer.mood) * part
        active = min(days, int(days * min(1.0, 0.62 * will * rnd.uniform(0.8, 1.2))))
        online = customer.internet[0] != "No"
        line = (f"{customer.id},{NAMES[n]},{active},{int(3.1 * active * rnd.uniform(0.7, 1.3))},"
                f"{220 * will * rnd.uniform(0.5, 1.5):.1f},{(48 * will * rnd.uniform(0.6, 1.4)) if online else 0:.2f}\n")
        u = rnd.random()
        if u >= FORGOTTEN and n != NEVER_DELIVERED:
            (self.late if u < FORGOTTEN + LATE and n + 1 < MONTHS else usage).append(line)
        self.bill(customer, n, part, invoices)
        self.complain(customer, n, part, tickets)
        if day:
            customer.cancelled = day
            customer.changed = stamp(day, rnd)

    def bill(self, customer, n, part, invoices):
        rnd, start = self.rnd, STARTS[n]
        amount = round(customer.price * max(part, 0.1), 2)
        if rnd.random() < 0.01:
            amount = round(amount + rnd.uniform(900, 1500), 2)
        customer.charged += amount
        self.n_invoices += 1
        due = start + timedelta(days=21)
        late = rnd.gauss(-6 + 5.5 * customer.mood, 6)
        paid = due + timedelta(days=int(late))
        unpaid = rnd.random() < 0.01 + 0.03 * max(customer.mood, 0)
        line = (f"I{self.n_invoices:08d},{customer.id},{any_date(rnd, start)},{due:%Y-%m-%d},{money(rnd, amount)},"
                f"{'' if unpaid else format(max(paid, start), '%Y-%m-%d')}\n")
        invoices.append(line)
        if rnd.random() < 0.005:
            invoices.append(line)

    def complain(self, customer, n, part, tickets):
        rnd = self.rnd
        rate = 0.09 * math.exp(0.75 * customer.mood) * part
        while rnd.random() < rate:
            rate *= 0.4
            day = STARTS[n] + timedelta(days=int(rnd.random() * LENGTHS[n] * part))
            opened = stamp(day, rnd)
            closed = opened + timedelta(hours=rnd.expovariate(1 / (20 * math.exp(0.3 * customer.mood))))
            category = rnd.choice(CATEGORIES)
            score = min(5, max(1, round(3.4 - 0.8 * customer.mood + rnd.gauss(0, 0.8))))
            tickets.append((opened, {
                "customer_id": customer.id,
                "opened_at": f"{opened:%Y-%m-%dT%H:%M:%SZ}",
                "updated_at": f"{closed:%Y-%m-%dT%H:%M:%SZ}",
                "channel": rnd.choice(["phone", "chat", "email"]),
                "category": category,
                "priority": "high" if category == "outage" else rnd.choice(["low", "normal"]),
                "status": "open" if rnd.random() < 0.03 else "closed",
                "satisfaction": score if rnd.random() < 0.6 else None,
            }))


def accounts(rnd, customers, to):
    path = to / "raw/crm.sqlite"
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path)
    database.execute("""create table accounts (
        account_id text primary key, email text, gender text, age integer, region text, signup_date text,
        contract text, payment_method text, paperless_billing text, internet_service text, online_security text,
        online_backup text, streaming text, monthly_charges numeric, total_charges text, cancelled_on text,
        updated_at text not null)""")
    end = STARTS[MONTHS]
    rows = []
    for customer in customers:
        age = customer.age
        if rnd.random() < 0.008:
            age = rnd.choice([-1, 0, 3, 150, 199, 999])
        elif rnd.random() < 0.02:
            age = None
        new = (end - customer.signup).days < 45
        row = (customer.id, f"{customer.id.lower()}@example.com", customer.gender, age, customer.region,
               any_date(rnd, customer.signup), customer.contract[0], customer.payment[0], customer.paperless,
               customer.internet[0], customer.security, customer.backup, customer.streaming, customer.price,
               " " if new else f"{customer.charged:.2f}",
               customer.cancelled and f"{customer.cancelled:%Y-%m-%d}", f"{customer.changed:%Y-%m-%d %H:%M:%S}")
        rows.append(row)
        if rnd.random() < 0.012:
            double = customer.changed + timedelta(minutes=rnd.randint(2, 90))
            rows.append(("D" + customer.id[1:], row[1].upper(), *row[2:-1], f"{double:%Y-%m-%d %H:%M:%S}"))
    database.executemany(f"insert into accounts values ({', '.join('?' * 17)})", rows)
    database.commit()
    database.execute("vacuum")
    database.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--to", type=Path, default=Path("."))
    args = parser.parse_args()
    rnd = random.Random(args.seed)
    customers = [Customer(rnd, number) for number in range(1, args.customers + 1)]
    writer = Writer(rnd, args.to)
    for n in range(MONTHS):
        writer.month(n, customers)
    writer.ticket_file.close()
    accounts(rnd, customers, args.to)
    gone = sum(customer.cancelled is not None for customer in customers)
    print(f"{len(customers)} customers, {gone} left, {writer.n_invoices} invoices, {writer.tickets} tickets")


if __name__ == "__main__":
    main()
