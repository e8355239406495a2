//! The order in which systems are numbered: along the flow of exposure, what flows in circles side by side.
//!
//! petgraph's search for strongly connected components recurses once per system on a chain, which a chain of a million
//! systems does not survive; this one keeps its own stack.

/// Nodes numbered so that arcs between different parts only lead from lower positions to higher ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    /// By position the node.
    pub(super) nodes: Vec<u32>,
    /// By part its first position; at the end the number of nodes.
    pub(super) parts: Vec<u32>,
}

/// Numbers the nodes of a graph, given the targets of each.
///
/// Parts are the strongly connected components in topological order; in a part nodes are in reverse postorder of a
/// depth-first search, in which few arcs lead back.
///
/// # Complexity
/// *O*(V + E).
///
/// # Source
/// Tarjan, *Depth-first search and linear graph algorithms* (1972).
pub(super) fn along_flow(start: &[u32], target: impl Fn(usize) -> u32) -> Order {
    const UNSEEN: u32 = u32::MAX;
    let bound = start.len() - 1;
    // A node's number in order of discovery, and the least such number that it is known to lead back to.
    let mut lowest = vec![UNSEEN; bound];
    let mut part_of = vec![UNSEEN; bound];
    let mut finished: Vec<u32> = Vec::with_capacity(bound);
    let (mut open, mut path): (Vec<u32>, Vec<(u32, u32, u32)>) = (Vec::new(), Vec::new());
    let (mut discovered, mut parts) = (0_u32, 0_u32);
    for root in 0..bound as u32 {
        if lowest[root as usize] != UNSEEN {
            continue;
        }
        path.push((root, start[root as usize], discovered));
        lowest[root as usize] = discovered;
        open.push(root);
        discovered += 1;
        while let Some((node, next, number)) = path.last_mut() {
            let node_ix = *node as usize;
            if *next < start[node_ix + 1] {
                let to = target(*next as usize) as usize;
                *next += 1;
                if lowest[to] == UNSEEN {
                    path.push((to as u32, start[to], discovered));
                    lowest[to] = discovered;
                    open.push(to as u32);
                    discovered += 1;
                } else if part_of[to] == UNSEEN {
                    lowest[node_ix] = lowest[node_ix].min(lowest[to]);
                }
                continue;
            }
            finished.push(*node);
            let is_whole = lowest[node_ix] == *number;
            path.pop();
            if is_whole {
                while let Some(member) = open.pop() {
                    part_of[member as usize] = parts;
                    if member as usize == node_ix {
                        break;
                    }
                }
                parts += 1;
            } else if let Some((parent, _, _)) = path.last() {
                lowest[*parent as usize] = lowest[*parent as usize].min(lowest[node_ix]);
            }
        }
    }
    numbered(&part_of, parts, &finished)
}

/// Parts are found from the last to the first, and so are nodes finished.
fn numbered(part_of: &[u32], parts: u32, finished: &[u32]) -> Order {
    let place = |node: u32| (parts - 1 - part_of[node as usize]) as usize;
    let mut first = vec![0_u32; parts as usize + 1];
    for &node in finished {
        first[place(node) + 1] += 1;
    }
    for part in 1..first.len() {
        first[part] += first[part - 1];
    }
    let (mut next, mut nodes) = (first.clone(), vec![0; finished.len()]);
    for &node in finished.iter().rev() {
        let slot = &mut next[place(node)];
        nodes[*slot as usize] = node;
        *slot += 1;
    }
    Order { nodes, parts: first }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(arcs: &[(u32, u32)], bound: usize) -> Order {
        let mut sorted = arcs.to_vec();
        sorted.sort_unstable();
        let start: Vec<u32> = (0..=bound as u32).map(|node| sorted.partition_point(|arc| arc.0 < node) as u32).collect();
        along_flow(&start, |arc| sorted[arc].1)
    }

    #[test]
    fn a_circle_is_a_part_and_parts_follow_the_flow() {
        let order = order(&[(4, 2), (2, 3), (3, 2), (3, 0), (0, 1)], 5);
        assert_eq!(order.nodes, [4, 2, 3, 0, 1]);
        assert_eq!(order.parts, [0, 1, 3, 4, 5]);
    }

    #[test]
    fn arcs_lead_forward_but_inside_parts_and_parts_are_those_that_reach_each_other() {
        for seed in 0..200_u64 {
            let mut dice = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
            let mut roll = |bound: u64| {
                dice ^= dice << 13;
                dice ^= dice >> 7;
                dice ^= dice << 17;
                (dice % bound) as u32
            };
            let bound = 2 + roll(12) as usize;
            let arcs: Vec<(u32, u32)> = (0..roll(30)).map(|_| (roll(bound as u64), roll(bound as u64))).collect();
            let order = order(&arcs, bound);
            let mut reaches = vec![vec![false; bound]; bound];
            for (node, row) in reaches.iter_mut().enumerate() {
                row[node] = true;
            }
            for &(from, to) in &arcs {
                reaches[from as usize][to as usize] = true;
            }
            for via in 0..bound {
                for from in 0..bound {
                    for to in 0..bound {
                        reaches[from][to] |= reaches[from][via] && reaches[via][to];
                    }
                }
            }
            let part = |node: u32| {
                let position = order.nodes.iter().position(|&at| at == node).expect("every node has a position") as u32;
                order.parts.partition_point(|&first| first <= position)
            };
            for from in 0..bound as u32 {
                for to in 0..bound as u32 {
                    let (there, back) = (reaches[from as usize][to as usize], reaches[to as usize][from as usize]);
                    assert_eq!(there && back, part(from) == part(to), "{arcs:?}");
                    assert!(!there || part(from) <= part(to), "{arcs:?}");
                }
            }
        }
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_needs_no_stack() {
        let arcs: Vec<(u32, u32)> = (1..100_000).map(|node| (node, node - 1)).collect();
        let order = order(&arcs, 100_000);
        assert_eq!(order.nodes[0], 99_999);
    }
}
