//! The repository from outside: what is stored comes back, crashes cost nothing, and tampering is found.

#[cfg(test)]
mod crash;
#[cfg(test)]
mod measure;
#[cfg(test)]
mod opening;
#[cfg(test)]
mod reader;
#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod tampering;
#[cfg(test)]
mod world;
