#!/usr/bin/env python3
"""Writes the demo's sales and reviews: `sale_price.csv` and `customer_feedback.json`, dirty as real data are.

    generate_sales.py [--sales 5000] [--reviews 3000] [--seed 7] [--to raw/inbox]

The same arguments give the same files. Memory does not grow with the number of rows, but for one
number a customer. What is true in the data, so that the pipeline has something to find:

- one customer in eight is a VIP, who buys four times as often, dearer products and more of each;
- sales grow over the two years and peak in November and December;
- every product has a level of satisfaction of its own; two of them change over time.

What is wrong in the data, on purpose: prices as `$150.00`, `$75`, `1,250`, `250.5` or missing; missing
quantities; dates as DD-MM-YYYY beside MM/DD/YYYY and a few that are no dates; review dates in three
shapes; several reviews of one product by one customer; reviewers who never bought anything;
missing scores; rows with too many or too few fields.
"""

import argparse
import random
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path

FIRST_DAY = date(2023, 1, 1)
DAYS = 731
BATCH = 50_000
POOL = 20_000
MISSING = 0.2
# Sales a customer makes on average: with it, 11.5 % of a million sales have a price and a review.
CUSTOMER_SALES = 8.3
MONTH_WEIGHT = [0.8, 0.75, 0.9, 0.95, 1.0, 1.0, 0.85, 0.8, 1.0, 1.1, 1.6, 1.9]

# Price, popularity, mean score at the start, its change over the two years.
PRODUCTS = [
    (150.00, 1.2, 3.9, 0.0),
    (75.00, 1.6, 4.1, 0.0),
    (250.50, 0.8, 4.3, 0.0),
    (1250.00, 0.22, 2.9, -0.6),
    (30.00, 2.0, 3.6, 0.0),
    (120.00, 1.1, 3.4, 0.8),
    (45.00, 1.5, 4.0, 0.0),
    (420.00, 0.45, 4.4, 0.0),
    (89.90, 1.0, 2.7, 0.0),
    (199.00, 0.7, 3.8, 0.0),
    (780.00, 0.3, 4.5, 0.0),
    (60.00, 1.3, 3.1, 0.0),
]


class Pool:
    """Draws from weighted items in constant time, by way of a long list that holds each in proportion."""

    def __init__(self, rnd, items, weights, size=POOL):
        self.items = rnd.choices(items, cum_weights=list(accumulate(weights)), k=size)

    def draw(self, rnd, n):
        items, size, uniform = self.items, len(self.items), rnd.random
        return [items[int(uniform() * size)] for _ in range(n)]


class Shop:
    """Who buys what: everything that sales and reviews have in common."""

    def __init__(self, rnd, n_sales):
        self.n_customers = max(20, round(n_sales / CUSTOMER_SALES))
        self.n_vips = self.n_customers // 8
        n_products = max(5, round(len(PRODUCTS) * (n_sales / 5_000) ** 0.25))
        self.products = [self._product(i) for i in range(n_products)]
        indices = range(n_products)
        self.vip_products = Pool(rnd, indices, [w * (p / 100) ** 0.4 for p, w, _, _ in self.products])
        self.other_products = Pool(rnd, indices, [w for _, w, _, _ in self.products])
        weights = (
            rnd.lognormvariate(0.0, 0.35) * (4 if i < self.n_vips else 1) for i in range(self.n_customers)
        )
        self.customers = range(self.n_customers)
        self.cumulative = list(accumulate(weights))
        self.width = max(3, len(str(self.n_customers)))

    @staticmethod
    def _product(i):
        price, weight, score, trend = PRODUCTS[i % len(PRODUCTS)]
        turn = i // len(PRODUCTS)
        return (round(price * 1.07**turn, 2), weight * 0.9**turn, score, trend if turn == 0 else 0.0)

    def name(self, customer):
        # 7919 is prime, so no two customers share a name, and VIPs are not the first by name.
        return f"C_{(customer * 7919 + 1) % self.n_customers + 1:0{self.width}d}"

    def draw(self, rnd, n):
        """Returns n pairs of customer and product."""
        customers = rnd.choices(self.customers, cum_weights=self.cumulative, k=n)
        vip, other = self.vip_products.draw(rnd, n), self.other_products.draw(rnd, n)
        products = [v if c < self.n_vips else o for c, v, o in zip(customers, vip, other)]
        return customers, products


def price_texts(rnd, price):
    """Returns the ways a cashier writes one price, as CSV fields; one in five is missing."""
    plain = f"{price:.2f}".rstrip("0").rstrip(".")
    shapes = [f"${price:.2f}", f"${plain}", plain, plain]
    if price >= 1000:
        comma = f"{price:,.2f}".removesuffix(".00")
        shapes += [f'"{comma}"', f'"${price:,.2f}"']
    texts = [rnd.choice(shapes) for _ in range(400)]
    return [("" if rnd.random() < MISSING else text) for text in texts]


def days_by_season(rnd):
    """Returns days, each as often as sales happen on it."""
    days = [FIRST_DAY + timedelta(i) for i in range(DAYS)]
    weights = [MONTH_WEIGHT[day.month - 1] * (1 + 0.5 * i / DAYS) for i, day in enumerate(days)]
    return Pool(rnd, days, weights)


def sale_dates(rnd):
    """Returns sale dates as written: four of five day first with dashes, the others month first with slashes."""
    days = days_by_season(rnd).items
    return [day.strftime("%d-%m-%Y" if rnd.random() < 0.8 else "%m/%d/%Y") for day in days]


def damage(rnd, row):
    """Returns a row that no longer has six fields."""
    if '"' in row:
        return row.replace('"', "")  # the comma of 1,250 now separates fields
    fields = row.split(",")
    kind = rnd.randrange(3)
    if kind == 0 and fields[3]:
        whole, _, cents = fields[3].partition(".")
        return ",".join([*fields[:3], whole, cents or "00", *fields[4:]])  # a decimal comma without quotes
    if kind == 1:
        return ",".join(fields[:3])
    return row + ",,checked by hand"


def write_sales(rnd, shop, n, path):
    prices = [price_texts(rnd, product[0]) for product in shop.products]
    products = [f"P{101 + i}" for i in range(len(shop.products))]
    dates = Pool(rnd, sale_dates(rnd), [1] * POOL)
    # One date in a thousand is none.
    dates.items += rnd.choices(["31-02-2024", "13/13/2023", "unknown", "2023", "29-02-2023"], k=POOL // 1000)
    quantities = (
        Pool(rnd, ["", "1", "2", "3", "4", "5"], [1.1, 2, 1.2, 0.8, 0.3, 0.1], 1000).items,
        Pool(rnd, ["", "1", "2", "3", "4", "5"], [1.1, 0.8, 1, 1.2, 1, 0.8], 1000).items,
    )
    damaged = set(rnd.sample(range(n), max(1, n // 600))) if n < 10 * BATCH else None
    uniform = rnd.random
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("sale_id,product_id,customer_id,sale_price,quantity,sale_date\n")
        for start in range(0, n, BATCH):
            size = min(BATCH, n - start)
            customers, bought = shop.draw(rnd, size)
            rows = [
                f"{number},{products[p]},{shop.name(c)},{prices[p][int(uniform() * 400)]},"
                f"{quantities[c < shop.n_vips][int(uniform() * 1000)]},{day}"
                for number, c, p, day in zip(
                    range(1001 + start, 1001 + start + size), customers, bought, dates.draw(rnd, size)
                )
            ]
            hurt = [i - start for i in damaged if start <= i < start + size] if damaged else rnd.sample(
                range(size), size // 600
            )
            for i in sorted(hurt):
                rows[i] = damage(rnd, rows[i])
            file.write("\n".join(rows))
            file.write("\n")


def scores(rnd, product, half):
    """Returns one product's scores in one half-year, as JSON; three in a hundred are missing."""
    _, _, mean, change = product
    values = (min(5.0, max(1.0, rnd.gauss(mean + change * half / 3, 0.7))) for _ in range(300))
    return [("null" if rnd.random() < 0.03 else f"{value:.1f}") for value in values]


def write_reviews(rnd, shop, n, path):
    by_product = [[scores(rnd, product, half) for half in range(4)] for product in shop.products]
    products = [f"P{101 + i}" for i in range(len(shop.products))]
    shapes = ["%Y-%m-%d", "%Y/%m/%d", "%m/%d/%Y"]
    days = [
        (min(3, (day - FIRST_DAY).days * 4 // DAYS), day.strftime(rnd.choice(shapes)))
        for day in days_by_season(rnd).items
    ]
    dates = Pool(rnd, days, [1] * POOL)
    uniform, n_strangers = rnd.random, max(5, shop.n_customers // 5)
    separator = "[\n"
    with path.open("w", encoding="utf-8", newline="") as file:
        for start in range(0, n, BATCH):
            size = min(BATCH, n - start)
            customers, reviewed = shop.draw(rnd, size)
            names = [
                # Somebody who never bought anything writes one review in twelve.
                f"X_{int(uniform() * n_strangers) + 1:0{shop.width}d}" if uniform() < 0.08 else shop.name(c)
                for c in customers
            ]
            rows = [
                f'  {{"customer_id": "{name}", "product_id": "{products[p]}", '
                f'"sentiment_score": {by_product[p][half][int(uniform() * 300)]}, "review_date": "{day}"}}'
                for name, p, (half, day) in zip(names, reviewed, dates.draw(rnd, size))
            ]
            file.write(separator)
            file.write(",\n".join(rows))
            separator = ",\n"
        file.write("\n]\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sales", type=int, default=5_000)
    parser.add_argument("--reviews", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--to", type=Path, default=Path(__file__).parents[2] / "raw" / "inbox")
    options = parser.parse_args()
    options.to.mkdir(parents=True, exist_ok=True)
    rnd = random.Random(options.seed)
    shop = Shop(rnd, options.sales)
    write_sales(rnd, shop, options.sales, options.to / "sale_price.csv")
    write_reviews(rnd, shop, options.reviews, options.to / "customer_feedback.json")


if __name__ == "__main__":
    main()
