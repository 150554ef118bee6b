#!/usr/bin/env python3
"""Makes the polynomial coefficients of noise/box_muller.hpp, lowest power first. Needs mpmath.

Chebyshev fits, near the minimax; that of the float logarithm is weighted so that the relative error
of -2 log u is even over the interval (Lawson's iteration).
"""
from mpmath import atanh, chebyfit, cos, log, lu_solve, matrix, mp, mpf, nstr, pi, polyval, sin, sqrt

mp.dps = 50
low, high = sqrt(mpf(1) / 2) - 1, sqrt(mpf(2)) - 1


def fit(name, function, a, b, terms, digits):
    coefficients, error = chebyfit(function, [a, b], terms, error=True)
    print(name, "error", nstr(error, 2), [nstr(c, digits) for c in reversed(coefficients)])


def log_part(m):  # -2 log(1 + m) = (p(m) m - 2) m
    return 1 - 2 * m / 3 if abs(m) < mpf("1e-15") else (2 * m - 2 * log(1 + m)) / m**2


def log_part_fit(terms=8, points=240, rounds=60):
    nodes = [(low + high) / 2 + (high - low) / 2 * cos(pi * (2 * k + 1) / (2 * points)) for k in range(points)]
    weight = [abs(m * m / (2 * log(1 + m))) for m in nodes]
    lawson = [mpf(1)] * points
    for _ in range(rounds):
        a, b = matrix(terms, terms), matrix(terms, 1)
        for m, w, l in zip(nodes, weight, lawson):
            powers = [m**i for i in range(terms)]
            for i in range(terms):
                b[i] += l * w * w * powers[i] * log_part(m)
                for j in range(terms):
                    a[i, j] += l * w * w * powers[i] * powers[j]
        c = list(lu_solve(a, b))
        errors = [abs(polyval(c[::-1], m) - log_part(m)) * w for m, w in zip(nodes, weight)]
        scale = sum(l * e for l, e in zip(lawson, errors)) / points
        lawson = [l * e / scale for l, e in zip(lawson, errors)]
    print("float log error", nstr(max(errors), 2), [nstr(x, 10) for x in c])


def log_rest(z):  # log(1 + m) = s (2 + s^2 R(s^2)), s = m / (2 + m)
    s = sqrt(z)
    return mpf(2) / 3 if z < mpf("1e-30") else (2 * atanh(s) / s - 2) / z


def sine(z):  # sin(pi/2 f) = f S(f^2)
    f = sqrt(z)
    return pi / 2 if z < mpf("1e-30") else sin(pi / 2 * f) / f


def cosine_rest(z):  # cos(pi/2 f) = (1 - f^2) (1 + f^2 C(f^2))
    if z < mpf("1e-20"):
        return 1 - pi**2 / 8
    if z > 1 - mpf("1e-20"):
        return pi / 4 - 1
    return (cos(pi / 2 * sqrt(z)) / (1 - z) - 1) / z


log_part_fit()
fit("float sine", sine, 0, 1, 5, 10)
fit("float cosine", cosine_rest, 0, 1, 4, 10)
fit("double log", log_rest, 0, (high / (2 + high))**2, 8, 19)
fit("double sine", sine, 0, 1, 9, 19)
fit("double cosine", cosine_rest, 0, 1, 8, 19)
