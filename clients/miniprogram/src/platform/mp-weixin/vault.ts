import { DeviceError, type KeptSegment, type KeptTake, type Vault } from '../types'

const TAKES = 'takes'
const segmentsKey = (takeId: string) => `segments:${takeId}`

/** Takes and segments in the mini-program's storage, their bytes as saved files (200 MB in all, says WeChat). */
export class WeChatVault implements Vault {
  private readonly files = wx.getFileSystemManager()

  async takes(): Promise<KeptTake[]> {
    return (wx.getStorageSync(TAKES) as KeptTake[]) || []
  }

  async putTake(take: KeptTake): Promise<void> {
    const others = (await this.takes()).filter((one) => one.id !== take.id)
    wx.setStorageSync(TAKES, [...others, { ...take }].sort((a, b) => (a.id < b.id ? -1 : 1)))
  }

  async updateTake(id: string, change: Partial<KeptTake>): Promise<KeptTake | undefined> {
    const takes = (wx.getStorageSync(TAKES) as KeptTake[]) || []
    const found = takes.find((one) => one.id === id)
    if (!found) return undefined
    Object.assign(found, change)
    wx.setStorageSync(TAKES, takes)
    return found
  }

  async segments(takeId: string): Promise<KeptSegment[]> {
    return (wx.getStorageSync(segmentsKey(takeId)) as KeptSegment[]) || []
  }

  async putSegment(segment: KeptSegment): Promise<void> {
    const others = (await this.segments(segment.takeId)).filter((one) => one.number !== segment.number)
    wx.setStorageSync(segmentsKey(segment.takeId), [...others, { ...segment }].sort((a, b) => a.number - b.number))
  }

  /** Take over a recorder's temporary file, which WeChat may delete at any time. */
  async adopt(segment: KeptSegment, temporary: string): Promise<KeptSegment> {
    try {
      const path = this.saved(temporary)
      const { size } = this.files.statSync(path) as WechatMiniprogram.Stats
      const kept = { ...segment, path, bytes: size, closed: true }
      await this.putSegment(kept)
      return kept
    } catch (error) {
      throw new DeviceError('storage', String(error))
    }
  }

  /** Where a file is kept for good; with no room for that, the temporary one serves as long as WeChat leaves it. */
  private saved(temporary: string): string {
    try {
      return this.files.saveFileSync(temporary)
    } catch {
      return temporary
    }
  }

  read(segment: KeptSegment, offset: number, length: number): Promise<ArrayBuffer> {
    return new Promise((done, fail) =>
      this.files.readFile({
        filePath: segment.path ?? '',
        position: offset,
        length: Math.min(length, segment.bytes - offset),
        success: ({ data }) => done(data as ArrayBuffer),
        fail: ({ errMsg }) => fail(new DeviceError('storage', errMsg)),
      }),
    )
  }

  async playable(segment: KeptSegment): Promise<string> {
    return segment.path ?? ''
  }

  async removeTake(takeId: string): Promise<void> {
    for (const { path } of await this.segments(takeId)) {
      if (path) this.files.removeSavedFile({ filePath: path })
    }
    wx.removeStorageSync(segmentsKey(takeId))
    wx.setStorageSync(TAKES, (await this.takes()).filter((one) => one.id !== takeId))
  }
}
