//! Digits as they are said.

use crate::interview::Language;

const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] = [
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];
const DIGITS: [&str; 10] = ["영", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구"];

/// From here on numbers are read digit by digit.
const LARGEST: u64 = 1_000_000_000_000;

/// `digits` may hold separators: `1,000`, `3.5`, `2024.`.
pub fn words(digits: &str, language: Language) -> String {
    let digits = digits.trim_end_matches(['.', ',']).replace(',', "");
    let mut runs = digits.split('.');
    let whole = whole(runs.next().unwrap_or_default(), language);
    let point = match language {
        Language::English => " point ",
        Language::Korean => " 점 ",
    };
    runs.fold(whole, |said, run| said + point + &one_by_one(run, language))
}

fn whole(run: &str, language: Language) -> String {
    match run.parse::<u64>() {
        Ok(number) if number < LARGEST && (run.len() == 1 || !run.starts_with('0')) => {
            match language {
                Language::English => english(number),
                Language::Korean => korean(number),
            }
        }
        _ => one_by_one(run, language),
    }
}

fn one_by_one(run: &str, language: Language) -> String {
    let table = match language {
        Language::English => &ONES[..10],
        Language::Korean => &DIGITS[..],
    };
    let said = run
        .chars()
        .filter_map(|c| c.to_digit(10))
        .map(|digit| table[digit as usize]);
    said.collect::<Vec<_>>().join(" ")
}

fn english(number: u64) -> String {
    match number {
        0..20 => ONES[number as usize].into(),
        20..100 => above(TENS[(number / 10) as usize].into(), number % 10),
        100..1_000 => above(english(number / 100) + " hundred", number % 100),
        1_000..1_000_000 => above(english(number / 1_000) + " thousand", number % 1_000),
        1_000_000..1_000_000_000 => {
            above(english(number / 1_000_000) + " million", number % 1_000_000)
        }
        _ => above(
            english(number / 1_000_000_000) + " billion",
            number % 1_000_000_000,
        ),
    }
}

fn above(said: String, rest: u64) -> String {
    if rest == 0 {
        said
    } else {
        said + " " + &english(rest)
    }
}

fn korean(number: u64) -> String {
    if number == 0 {
        return DIGITS[0].into();
    }
    let units = [
        (100_000_000, "억"),
        (10_000, "만"),
        (1_000, "천"),
        (100, "백"),
        (10, "십"),
    ];
    match units.into_iter().find(|(unit, _)| number >= *unit) {
        None => DIGITS[number as usize].into(),
        Some((unit, name)) => {
            // 백, not 일백.
            let count = if number / unit == 1 {
                String::new()
            } else {
                korean(number / unit)
            };
            let rest = if number.is_multiple_of(unit) {
                String::new()
            } else {
                korean(number % unit)
            };
            count + name + &rest
        }
    }
}
