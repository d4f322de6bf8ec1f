//! Which rows are learnt from and which are kept to judge.

/// Returns a hash of a row's key (FNV-1a, Fowler, Noll and Vo 1991), the same on every machine.
pub(super) fn hash(key: &str) -> u64 {
    key.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Mixes a seed into a hash (the finalizer of SplitMix64, Steele, Lea and Flood 2014).
pub(super) fn mix(hash: u64, seed: u64) -> u64 {
    let mut z = hash.wrapping_add(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Rows in a random order that depends on their keys and the seed only, in groups that are dealt separately.
fn shuffled(
    rows: &[u32],
    hashes: &[u64],
    groups: [&dyn Fn(u32) -> bool; 2],
    seed: u64,
) -> [Vec<u32>; 2] {
    groups.map(|belongs| {
        let mut own: Vec<u32> = rows.iter().copied().filter(|row| belongs(*row)).collect();
        own.sort_by_key(|row| (mix(hashes[*row as usize], seed), *row));
        own
    })
}

/// Returns for each row whether it is a test row: about `share` of them, of each class alike when `stratify`.
///
/// A row's place depends on its key and the seed: rows that join later move few others.
pub(super) fn test_rows(
    truth: &[bool],
    hashes: &[u64],
    share: f64,
    (stratify, seed): (bool, u64),
) -> Vec<bool> {
    let rows: Vec<u32> = numbers(truth.len());
    let is_positive = |row: u32| stratify && truth[row as usize];
    let is_negative = |row: u32| !is_positive(row);
    let mut test = vec![false; truth.len()];
    for group in shuffled(&rows, hashes, [&is_negative, &is_positive], seed) {
        let count = (group.len() as f64 * share).round() as usize;
        for row in &group[..count.min(group.len())] {
            test[*row as usize] = true;
        }
    }
    test
}

/// Returns for each of `rows` the number of its fold, 0 to `folds` - 1; every fold has its share of each class.
pub(super) fn folds(
    rows: &[u32],
    truth: &[bool],
    hashes: &[u64],
    (folds, seed): (usize, u64),
) -> Vec<usize> {
    let is_positive = |row: u32| truth[row as usize];
    let is_negative = |row: u32| !is_positive(row);
    // Another order than that which chose the test rows.
    let groups = shuffled(rows, hashes, [&is_negative, &is_positive], !seed);
    let mut fold = vec![0; truth.len()];
    for (dealt, row) in groups.iter().flatten().enumerate() {
        fold[*row as usize] = dealt % folds;
    }
    rows.iter().map(|row| fold[*row as usize]).collect()
}

/// Returns 0, 1, 2 … as row numbers.
pub(super) fn numbers(n_rows: usize) -> Vec<u32> {
    (0..u32::try_from(n_rows).unwrap_or(u32::MAX)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(n: usize) -> (Vec<bool>, Vec<u64>) {
        (0..n)
            .map(|row| (row % 4 == 0, hash(&format!("c{row}"))))
            .unzip()
    }

    #[test]
    fn the_test_rows_have_their_share_of_each_class() {
        let (truth, hashes) = people(1000);
        let test = test_rows(&truth, &hashes, 0.2, (true, 42));
        let positives = (0..1000).filter(|row| test[*row] && truth[*row]).count();
        assert_eq!(test.iter().filter(|row| **row).count(), 200);
        assert_eq!(positives, 50);
        assert_ne!(test, test_rows(&truth, &hashes, 0.2, (true, 43)));
    }

    #[test]
    fn rows_that_join_later_move_few_others() {
        let (truth, hashes) = people(1000);
        let before = test_rows(&truth[..990], &hashes[..990], 0.2, (true, 42));
        let after = test_rows(&truth, &hashes, 0.2, (true, 42));
        let moved = before
            .iter()
            .zip(&after)
            .filter(|(left, right)| left != right)
            .count();
        assert!(moved <= 4, "{moved}");
    }

    #[test]
    fn folds_are_alike() {
        let (truth, hashes) = people(1003);
        let rows = numbers(1003);
        let fold = folds(&rows, &truth, &hashes, (5, 42));
        for number in 0..5 {
            let own = (0..1003).filter(|row| fold[*row] == number);
            let positives = own.clone().filter(|row| truth[*row]).count();
            assert!((200..=201).contains(&own.count()) && (50..=51).contains(&positives));
        }
    }

    /// Published values of the two functions: <http://isthe.com/chongo/tech/comp/fnv>; the first output for seed 0 of
    /// the reference implementation at <https://prng.di.unimi.it/splitmix64.c>.
    #[test]
    fn hashes_are_those_published() {
        assert_eq!(hash("foobar"), 0x8594_4171_f739_67e8);
        assert_eq!(mix(0, 1), 0xe220_a839_7b1d_cdaf);
    }
}
